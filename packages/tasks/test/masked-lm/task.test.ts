/** The task that guesses masked tokens: what it asks of a model, batches that resume, evaluations that stay, its floor. */
import '@tensorflow/tfjs-backend-cpu';
import {
  createRandomStream,
  type Batch,
  type Field,
  type PrepareContext,
  type SplitName,
} from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { createMaskedLm, maskedLmOptionsSchema, plugin } from '../../src/index.js';
import { letterTokenizer } from '../text/helpers.js';

const TEXTS: Record<SplitName, string> = {
  train: 'abcabdabc'.repeat(12),
  validation: 'abcad'.repeat(5),
  test: 'dcbadcba',
};

const contextOf = (maskId?: number): PrepareContext => ({
  dataset: {
    name: 'letters',
    description: 'of a test',
    split: (name) => Promise.resolve({ text: TEXTS[name], origin: 'official' as const }),
  },
  tokenizer: () => Promise.resolve({ ...letterTokenizer('abcd'), ...(maskId !== undefined && { maskId }) }),
  cache: undefined,
  folder: '.',
  stage: () => Promise.resolve(),
});

const prepare = (options: object = {}, maskId?: number) =>
  createMaskedLm(maskedLmOptionsSchema.parse(options)).prepare(contextOf(maskId));
const shape = { batch: 2, context: 6 };
const data = ({ fields }: Batch, name: string): number[] => [...(fields[name] as Field).data];

describe('what it prepares', () => {
  it('is a vocabulary with a mask behind it, or the one that it has', async () => {
    const own = await prepare();
    // Four letters and the two special tokens of the tokenizer.
    expect(own.inputs).toEqual({ vocabularySize: 7 });
    expect(own.head).toEqual({ kind: 'masked-lm', outputs: 7 });
    expect(own.facts).toMatchObject({ vocabularySize: 6, trainingTokens: 108 });
    const given = await prepare({}, 5);
    expect(given.head.outputs).toBe(6);
    const masks = given.batches(shape, createRandomStream(1, 'data-order'));
    expect([...Array(20)].flatMap(() => data(masks.next(), 'inputs')).every((id) => id < 6)).toBe(true);
  });

  it('is opened again without data', async () => {
    const prepared = await prepare();
    const opened = await createMaskedLm().open(prepared.saved, {
      tokenizer: () => Promise.resolve(letterTokenizer('abcd')),
    });
    expect(opened.head).toEqual(prepared.head);
    await expect(
      createMaskedLm().open({}, { tokenizer: () => Promise.reject(new Error('not asked')) }),
    ).rejects.toMatchObject({ code: 'task-state-invalid' });
  });

  it('refuses to learn from nothing', async () => {
    await expect(createMaskedLm().prepare({ ...contextOf(), dataset: undefined })).rejects.toMatchObject({
      code: 'dataset-missing',
    });
  });
});

describe('batches', () => {
  it('are masked anew every time, and go on after a restart as if there had been none', async () => {
    const prepared = await prepare({ share: 0.3 });
    const source = prepared.batches(shape, createRandomStream(7, 'data-order'));
    expect(source.weight).toBeCloseTo(0.3 * 12, 12);
    const firsts = [...Array(12)].map(() => source.next());
    expect(new Set(firsts.map((batch) => data(batch, 'labels').join())).size).toBeGreaterThan(6);
    const saved = structuredClone(source.snapshot());
    const wanted = [...Array(15)].map(() => source.next());
    const other = prepared.batches(shape, createRandomStream(99, 'data-order'));
    other.restore(saved);
    expect([...Array(15)].map(() => other.next())).toEqual(wanted);
  });

  it('of an evaluation are the same for the same place', async () => {
    const prepared = await prepare();
    const whole = prepared.evaluation('validation', shape);
    expect(prepared.evaluation('validation', shape)).toEqual(whole);
    expect(whole.scope).toEqual({
      split: 'validation',
      weight: whole.batches.reduce((sum, { weight }) => sum + weight, 0),
    });
    const [second] = prepared.evaluation('validation', { ...shape, places: [1] }).batches;
    expect(second).toEqual(whole.batches[1]);
    expect(prepared.evaluation('validation', { ...shape, maxBatches: 1 }).batches).toEqual([
      whole.batches[0],
    ]);
  });

  it('need a text', async () => {
    const prepared = await prepare();
    expect(() => prepared.batches({ batch: 100, context: 6 }, createRandomStream(1, 'x'))).toThrow(
      /makes? 17/,
    );
  });
});

describe('loss and scores', () => {
  it('are of masked tokens alone', async () => {
    await tf.setBackend('cpu');
    const task = createMaskedLm();
    tf.tidy(() => {
      const projection = {
        features: tf.tensor2d([1, 0, 0, 1, 5, 5], [3, 2]),
        weight: tf.tensor2d([2, 0, 0, 1, 0, 0], [3, 2]),
      };
      const batch = { labels: tf.tensor2d([0, -100, -100], [1, 3], 'int32') };
      // Logits 2, 0, 0.
      const nats = Math.log(Math.exp(2) + 2) - 2;
      expect(task.loss(projection, batch).dataSync()[0]).toBeCloseTo(nats, 6);
      const scores = [...task.score(projection, batch).dataSync()];
      expect(scores[0]).toBeCloseTo(nats, 6);
      expect(scores.slice(1)).toEqual([0, 0, 1, 0, 0]);
    });
  });

  it('have the counts of single tokens as their floor', async () => {
    const prepared = await prepare();
    const [floor, ...others] = prepared.floors!(shape);
    expect([floor?.name, others]).toEqual(['unigram', []]);
    const batch: Batch = {
      fields: { labels: { shape: [1, 3], dtype: 'int32', data: Int32Array.of(0, -100, 3) } },
      weight: 2,
    };
    const { columns } = floor!.score(batch);
    // 36 a and 12 d of 108, after Witten and Bell with 4 of 6 different ones: (c + 4 / 6) / 112.
    expect(columns['nats']![0]).toBeCloseTo(-Math.log((36 + 4 / 6) / 112), 6);
    expect(columns['nats']![1]).toBe(0);
    expect(columns['nats']![2]).toBeCloseTo(-Math.log((12 + 4 / 6) / 112), 6);
    expect([...columns['correct']!]).toEqual([1, 0, 0]);
  });
});

it('is there by its name, with the data that a first run takes', () => {
  const entry = plugin.tasks?.['masked-lm'];
  expect(entry?.meta.data).toEqual({ dataset: 'moby-dick', tokenizer: 'bpe' });
  for (const wrong of [{ share: 0 }, { share: 1.1 }, { chunking: 'bos-eos' }])
    expect(maskedLmOptionsSchema.safeParse(wrong).success).toBe(false);
});
