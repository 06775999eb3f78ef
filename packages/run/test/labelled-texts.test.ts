/** Runs of `sequence-classification`: facts of data and batches, stopped and resumed alike, evaluated from their folder. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunConfigInput } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { evaluateRun } from '../src/index.js';
import { run, STEPS } from './resumed-run.js';
import { environment, tinyRun, withFolder } from './tiny-run.js';

/** Texts of three to eleven letters with what may be said of them. */
const ROWS = [
  'text,kind,size',
  ...Array.from(
    { length: 60 },
    (_, at) => `${'abc'[at % 3]!.repeat(3 + (at % 9))},${'xyz'[at % 3]},${(at % 9) / 2}`,
  ),
].join('\n');

const overrides = (folder: string, column: string, task: object): RunConfigInput => {
  const path = join(folder, 'rows.csv');
  writeFileSync(path, ROWS);
  return {
    dataset: { name: 'table', options: { path, label: column, validation: 0.2, test: 0.2 } },
    task: { name: 'sequence-classification', ...task },
  };
};

describe('classes', () => {
  it('have facts of the batches, which are as long as the model reads', () =>
    withFolder(async (folder) => {
      const { result } = await tinyRun(folder, overrides(folder, 'kind', {}));
      // A byte a letter, and two tokens around a text: of 8 tokens, texts of seven letters or more are cut.
      expect(result.data).toMatchObject({
        trainingExamples: 36,
        classes: 3,
        longestSequence: 13,
        sequenceLength: 8,
      });
      // 32 of the 60 rows have seven letters or more.
      const cut = ['trainingExamplesCut', 'validationExamplesCut', 'testExamplesCut'];
      expect(cut.reduce((sum, name) => sum + Number(result.data[name]), 0)).toBe(32);
      expect(Object.keys(result.test)).toEqual(['accuracy', 'f1', 'matthews', 'nats']);
      expect(result.floors?.[0]).toMatchObject({ name: 'majority class' });
    }));

  it.each(['bert', 'gpt2', 'llama'])('are learnt with %s, and go on as if nothing had happened', (name) =>
    withFolder(async (folder) => {
      const chosen: RunConfigInput = {
        ...overrides(folder, 'kind', { options: { metric: 'matthews' } }),
        model: { name, options: { layers: 4, width: 8, heads: 2, context: 16 } },
        controller: 'q-learning',
      };
      const whole = await run(folder, 'whole', chosen, []);
      const parts = await run(folder, 'parts', chosen, [5]);
      expect(parts.losses).toEqual(whole.losses);
      expect(parts.losses).toHaveLength(STEPS);
      for (const key of ['validation', 'test', 'tieMaps', 'digests', 'data'] as const)
        expect(parts[key]).toEqual(whole[key]);
    }),
  );
});

it('numbers are learnt, and a finished run is evaluated without the words of its configuration', () =>
  withFolder(async (folder) => {
    const { result, folder: place } = await tinyRun(
      folder,
      overrides(folder, 'size', { options: { regression: true } }),
    );
    expect(result.test['meanSquaredError']).toBeGreaterThan(0);
    const evaluated = await evaluateRun(place, { split: 'test' }, environment(folder));
    expect(evaluated.metrics).toEqual(result.test);
  }));
