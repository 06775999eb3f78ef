/**
 * Floors of a run: the numbers of an independent implementation (numpy 2.4.6: `bincount` and `unique` over the pairs of
 * the training ids, formulas as in causal-lm/ngram.ts, `argmax` over dense rows), where they are kept, and that they are measured
 * on what results are measured on.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { EvaluationSet, Floor, LigatureEvent, Metrics, TextDataset } from '@ligature/core';
import { createCausalLm, tokenizeDataset } from '@ligature/tasks';
import { describe, expect, it } from 'vitest';
import { findCorpus } from './corpus.js';
import { withBus } from '../src/environment.js';
import { measureFloors } from '../src/floors.js';
import { evaluateRun, readTrialResult, runTrial } from '../src/index.js';
import { environment, hearing, tinyConfig, tinyRun, withFolder } from './tiny-run.js';

type Figures = Readonly<Record<string, readonly [nats: number, accuracy: number]>>;

/** Of a whole text, measured as a run measures it. */
async function measured(folder: string, name: string, options: object, tokenizerName: string, most?: number) {
  const env = withBus(environment(folder));
  const { host } = env;
  const whole = (await host.create('datasets', name, options, { source: name, folder })) as TextDataset;
  const trainingText = async () => (await whole.split('train')).text;
  const tokenizer = await host.create('tokenizers', tokenizerName, {}, { trainingText });
  const dataset = most === undefined ? whole : await shortened(whole, tokenizer, most);
  const task = createCausalLm();
  const prepared = await task.prepare({
    ...{ dataset, cache: undefined, folder },
    tokenizer: () => Promise.resolve(tokenizer),
    stage: () => Promise.resolve(),
  });
  const shape = { batch: 16, context: 64 };
  const sets = {
    validation: prepared.evaluation('validation', shape),
    test: prepared.evaluation('test', shape),
  };
  const config = tinyConfig(folder);
  const floors = await measureFloors({ prepared, task, config, context: 64, sets }, env);
  env.bus.dispose();
  return { floors, facts: prepared.facts };
}

/** The training text up to its first `most` tokens. */
async function shortened(
  dataset: TextDataset,
  tokenizer: Parameters<typeof tokenizeDataset>[0]['tokenizer'],
  most: number,
): Promise<TextDataset> {
  const data = await tokenizeDataset({ dataset, tokenizer });
  const text = tokenizer.decode(data.tokens('train').subarray(0, most));
  return {
    ...dataset,
    split: async (name) => (name === 'train' ? { text, origin: 'derived' } : dataset.split(name)),
  };
}

function expectFigures(floors: Awaited<ReturnType<typeof measured>>['floors'], figures: Figures): void {
  expect(floors.map(({ name }) => name)).toEqual(['unigram', 'bigram']);
  for (const { name, splits } of floors) {
    for (const split of ['validation', 'test'] as const) {
      const [nats = 0, accuracy = 0] = figures[`${name} ${split}`] ?? [];
      const found = splits[split] as Metrics;
      // Scores are float32, as a model's are.
      expect(found['nats']).toBeCloseTo(nats, 6);
      expect(found['perplexity']).toBeCloseTo(Math.exp(found['nats'] as number), 9);
      expect(found['accuracy']).toBeCloseTo(accuracy, 12);
    }
  }
}

describe('what counting reaches', () => {
  it('on Moby Dick with 1 024 byte pairs is what numpy counts', async () => {
    await withFolder(async (folder) => {
      const { floors, facts } = await measured(folder, 'moby-dick', {}, 'bpe');
      expect(facts).toMatchObject({ vocabularySize: 1024, trainingTokens: 416_978 });
      expectFigures(floors, {
        'unigram validation': [5.866134273176677, 0.04806408544726302],
        'bigram validation': [4.261336614644013, 0.13786123433395064],
        'unigram test': [5.860986024387664, 0.046255883611467694],
        'bigram test': [4.264777627458168, 0.14535729567821995],
      });
      // All bits over all bytes of the split but those of its first token.
      expect(floors[0]?.splits.test?.['bitsPerByte']).toBeCloseTo(3.2307, 3);
      expect(floors[1]?.splits.test?.['bitsPerByte']).toBeCloseTo(2.3509, 3);
    });
  });

  it('counted on the first 204 800 of its tokens alone, is less far down', async () => {
    await withFolder(async (folder) => {
      const { floors, facts } = await measured(folder, 'moby-dick', {}, 'bpe', 204_800);
      expect(facts).toMatchObject({ trainingTokens: 204_800 });
      expectFigures(floors, {
        'unigram validation': [5.869669698530781, 0.04806408544726302],
        'bigram validation': [4.386185415458656, 0.13432964382617685],
        'unigram test': [5.871036919404861, 0.046255883611467694],
        'bigram test': [4.401966846421135, 0.13679931536157466],
      });
    });
  });

  const wikitext = findCorpus('wikitext-2');
  it.skipIf(wikitext === undefined)('on the words of WikiText-2 is what numpy counts', async () => {
    await withFolder(async (folder) => {
      const { floors, facts } = await measured(folder, 'wikitext', { path: wikitext }, 'word');
      expect(facts).toMatchObject({ vocabularySize: 33_278, trainingTokens: 2_088_628 });
      expectFigures(floors, {
        'unigram validation': [6.874836644607899, 0.05807163040731467],
        'bigram validation': [5.74081956162667, 0.18385444186634198],
        'unigram test': [6.818261585887662, 0.05701882981495961],
        'bigram test': [5.663188147097126, 0.1848449309356268],
      });
    });
  });
});

describe('the floors of a run', () => {
  it('stand in its result and its manifest, and an evaluation measures the same', async () => {
    await withFolder(async (folder) => {
      const run = await tinyRun(folder);
      const { floors = [] } = run.result;
      expect(floors.map(({ name }) => name)).toEqual(['unigram', 'bigram']);
      for (const { validation, test } of floors) {
        expect(Object.keys(validation)).toEqual(['nats', 'perplexity', 'bitsPerByte', 'accuracy']);
        expect(Object.keys(test)).toEqual(Object.keys(validation));
      }
      const manifest: unknown = JSON.parse(readFileSync(join(run.folder, 'manifest.json'), 'utf8'));
      expect(manifest).toMatchObject({ floors: JSON.parse(JSON.stringify(floors)) as unknown });
      const read = readTrialResult(JSON.parse(readFileSync(join(run.folder, 'result.json'), 'utf8')));
      expect('result' in read && read.result.floors).toEqual(floors);
      const again = await evaluateRun(run.folder, { split: 'test' }, environment(folder));
      expect(again.floors).toEqual(
        floors.map(({ name, description, test }) => ({ name, description, metrics: test })),
      );
    });
  });

  it('are counted once for all runs on the same data', async () => {
    await withFolder(async (folder) => {
      const said = async (name: string): Promise<string[]> => {
        const heard: LigatureEvent[] = [];
        const { listen } = hearing((event) => heard.push(event));
        await runTrial(tinyConfig(folder), join(folder, name), environment(folder, { listen }));
        return heard.flatMap((event) => (event.type === 'stage.entered' ? [event.message] : []));
      };
      const counting = 'Counting what needs no training: unigram, bigram …';
      expect(await said('first')).toContain(counting);
      const kept = join(folder, 'cache', 'floors');
      const files = await readdir(kept);
      expect(files).toHaveLength(4);
      expect(await said('second')).not.toContain(counting);
      // A damaged entry is measured anew.
      const damaged = join(kept, files[0] as string);
      const before = readFileSync(damaged, 'utf8');
      writeFileSync(damaged, '{"nats":');
      expect(await said('third')).toContain(counting);
      expect(readFileSync(damaged, 'utf8')).toBe(before);
    });
  });

  it('are measured on the batches that results are measured on, whichever those are', async () => {
    await withFolder(async (folder) => {
      const env = withBus(environment(folder));
      const scored: number[] = [];
      const floor: Floor = {
        name: 'guess',
        description: 'half of everything',
        key: 'one',
        score: ({ weight }) => {
          scored.push(weight);
          const columns = {
            nats: new Float32Array(weight).fill(Math.LN2),
            correct: new Float32Array(weight),
          };
          return { weight, columns };
        },
      };
      const batch = (labels: number[]): EvaluationSet['batches'][number] => ({
        fields: { labels: { shape: [labels.length], dtype: 'int32', data: Int32Array.from(labels) } },
        weight: labels.length,
      });
      const set = (batches: EvaluationSet['batches'], bytes: number): EvaluationSet => ({
        scope: { split: 'test', weight: batches.reduce((sum, one) => sum + one.weight, 0), bytes },
        batches,
      });
      const task = createCausalLm();
      const config = tinyConfig(folder);
      const measure = (test: EvaluationSet) =>
        measureFloors({ prepared: { floors: () => [floor] }, task, config, context: 8, sets: { test } }, env);
      const [whole] = await measure(set([batch([1, 2, 3]), batch([4])], 8));
      expect(whole?.splits.test).toMatchObject({
        nats: Math.fround(Math.LN2),
        bitsPerByte: expect.closeTo(0.5, 6),
      });
      expect(scored).toEqual([3, 1]);
      await measure(set([batch([1, 2, 3]), batch([4])], 8));
      expect(scored).toHaveLength(2);
      // One batch fewer, and the same ones of a text with other bytes, are other sets.
      await measure(set([batch([1, 2, 3])], 8));
      const [other] = await measure(set([batch([1, 2, 3]), batch([4])], 16));
      expect(scored).toEqual([3, 1, 3, 3, 1]);
      expect(other?.splits.test?.['bitsPerByte']).toBeCloseTo(0.25, 6);
      // Without a key nothing is kept.
      const { key: _, ...keyless } = floor;
      const loose = { floors: () => [keyless] };
      for (let time = 0; time < 2; time += 1) {
        const test = set([batch([9])], 1);
        await measureFloors({ prepared: loose, task, config, context: 8, sets: { test } }, env);
      }
      expect(scored).toHaveLength(7);
      env.bus.dispose();
    });
  });
});
