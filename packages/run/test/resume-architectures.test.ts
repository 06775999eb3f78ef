/** Runs of every architecture under q-learning, stopped and resumed, against those that never were: equal to the last bit. */
import { join } from 'node:path';
import type { LigatureEvent, RunConfigInput } from '@ligature/core';
import { expect, it } from 'vitest';
import { lines, remains, run } from './resumed-run.js';
import { withFolder } from './tiny-run.js';

const SIZES = { layers: 4, width: 8, heads: 2, context: 8 };

const kinds: Record<string, RunConfigInput> = {
  'LLaMA with grouped heads': {
    model: { name: 'llama', ...SIZES, keyValueHeads: 1, attentionDropout: 0.1 },
  },
  'BERT that guesses masked tokens': {
    model: { name: 'bert', ...SIZES, dropout: 0.1 },
    task: 'masked-lm',
  },
  'a causal BERT': { model: { name: 'bert', ...SIZES, dropout: 0.1, decoder: true } },
};

it.each(Object.entries(kinds))('resuming is exact for %s', async (_name, kind) => {
  await withFolder(async (folder) => {
    const overrides = { controller: 'q-learning', ...kind };
    const whole = await run(folder, 'whole', overrides, []);
    const resumed = await run(folder, 'resumed', overrides, [5, 9]);
    expect(remains(join(folder, 'resumed'))).toEqual(remains(join(folder, 'whole')));
    expect(resumed.test).toEqual(whole.test);
    const events = lines(join(folder, 'whole')).map((line) => JSON.parse(line) as LigatureEvent);
    const tied = events.flatMap((event) => (event.type === 'tying.applied' ? [event.tied] : []));
    expect(Math.max(...tied)).toBeGreaterThan(0);
  });
});
