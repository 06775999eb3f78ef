/** Runs of every architecture under q-learning, stopped and resumed, against those that never were: equal to the last bit. */
import { join } from 'node:path';
import {
  createRandomStream,
  defineDataset,
  definePlugin,
  type Dataset,
  type LigatureEvent,
  type RunConfigInput,
} from '@ligature/core';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { lines, remains, run } from './resumed-run.js';
import { withFolder } from './tiny-run.js';

const SIZES = { layers: 4, width: 8, heads: 2, context: 8 };

/** Images by a rule, in colours. */
const images = definePlugin({
  name: 'images-of-this-test',
  version: '1.0.0',
  datasets: {
    spots: defineDataset({
      meta: { summary: 'Images by a rule', options: z.strictObject({}) },
      create: (): Dataset => ({
        name: 'spots',
        description: 'Images by a rule',
        images: (split) => {
          const stream = createRandomStream(split.length, split);
          return Promise.resolve({
            pixels: Uint8Array.from({ length: 40 * 3 * 16 }, () => stream.integer(0, 256)),
            ...{ channels: 3, height: 4, width: 4, classes: ['one', 'two', 'three'], origin: 'official' },
            labels: Int32Array.from({ length: 40 }, (_, at) => at % 3),
          });
        },
      }),
    }),
  },
});

const kinds: Record<string, RunConfigInput> = {
  'LLaMA with grouped heads': {
    model: { name: 'llama', ...SIZES, keyValueHeads: 1, attentionDropout: 0.1 },
  },
  'BERT that guesses masked tokens': {
    model: { name: 'bert', ...SIZES, dropout: 0.1 },
    task: 'masked-lm',
  },
  'ViT with crops and flips': {
    model: { name: 'vit', layers: 4, width: 8, heads: 2, patchSize: 2, dropout: 0.1 },
    task: { name: 'image-classification', options: { crop: 1, flip: true } },
    dataset: 'spots',
    tokenizer: null,
  },
  'a causal BERT': { model: { name: 'bert', ...SIZES, dropout: 0.1, decoder: true } },
};

it.each(Object.entries(kinds))('resuming is exact for %s', async (_name, kind) => {
  await withFolder(async (folder) => {
    const overrides = { controller: 'q-learning', ...kind };
    const whole = await run(folder, 'whole', overrides, [], [images]);
    const resumed = await run(folder, 'resumed', overrides, [5, 9], [images]);
    expect(remains(join(folder, 'resumed'))).toEqual(remains(join(folder, 'whole')));
    expect(resumed.test).toEqual(whole.test);
    const events = lines(join(folder, 'whole')).map((line) => JSON.parse(line) as LigatureEvent);
    const tied = events.flatMap((event) => (event.type === 'tying.applied' ? [event.tied] : []));
    expect(Math.max(...tied)).toBeGreaterThan(0);
  });
});
