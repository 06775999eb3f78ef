/** A run that an earlier version began and that was killed: this one goes on with it, to the same numbers. */
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { LigatureEvent } from '@ligature/core';
import { evaluateRun, readEventLog, resumeTrial } from '../src/index.js';
import { environment, withFolder } from './tiny-run.js';

const FIXTURES = fileURLToPath(new URL('../../../test/fixtures/format-1', import.meta.url));

interface Expected {
  readonly result: Readonly<Record<string, unknown>> & { readonly test: Readonly<Record<string, number>> };
  readonly events: readonly (Readonly<Record<string, unknown>> & { readonly type: string })[];
}
const expectedOf = (name: string): unknown =>
  JSON.parse(readFileSync(join(FIXTURES, `${name}.expected.json`), 'utf8'));

/** The fields of `from` that `like` has. */
const picked = (from: object, like: object): Record<string, unknown> =>
  Object.fromEntries(Object.keys(like).map((field) => [field, (from as Record<string, unknown>)[field]]));

function eventsLike(events: Iterable<LigatureEvent>, expected: Expected['events']): unknown[] {
  const like = new Map(expected.map((event) => [event.type, event]));
  return [...events].flatMap((event) => {
    const one = like.get(event.type);
    return one ? [picked(event, one)] : [];
  });
}

describe('a run in format 1', () => {
  it('is resumed where it was killed, and ends as it would have, bit for bit', async () => {
    const expected = expectedOf('run') as Expected;
    await withFolder(async (folder) => {
      cpSync(FIXTURES, folder, { recursive: true });
      const place = join(folder, 'run');
      const result = await resumeTrial(place, environment(folder));
      expect(picked(result, expected.result)).toEqual(expected.result);
      const losses = expected.events.flatMap(({ type, step, loss }) =>
        type === 'step.completed' ? [{ step, loss }] : [],
      );
      expect(losses).toHaveLength(60);
      expect(result.losses).toEqual(losses);
      expect(eventsLike(readEventLog(place), expected.events)).toEqual(expected.events);
    });
  });

  it('is measured as it was when it had ended', async () => {
    const { runs } = expectedOf('comparison') as { runs: Record<string, Expected> };
    const { test } = runs['none-seed-1']!.result;
    await withFolder(async (folder) => {
      cpSync(FIXTURES, folder, { recursive: true });
      const place = join(folder, 'comparison', 'none-seed-1');
      const { metrics } = await evaluateRun(place, { split: 'test' }, environment(folder));
      expect(picked(metrics, test)).toEqual(test);
    });
  });
});
