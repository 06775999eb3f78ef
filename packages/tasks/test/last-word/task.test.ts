/** Telling last words: which tokens are asked for, and what is made of the answers. */
import '@tensorflow/tfjs-backend-cpu';
import { createRandomStream, type Dataset, type Field, type PrepareContext } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { lastWordMetrics } from '../../src/last-word/metrics.js';
import { encodePassage, fillPassages } from '../../src/last-word/passages.js';
import { createLastWord } from '../../src/index.js';
import { letterTokenizer } from '../text/helpers.js';

const letters = letterTokenizer('abc \n');
const PASSAGES = ['a b', 'ab cab', 'abc abc\nba'];

const dataset: Dataset = {
  name: 'passages',
  description: 'of a test',
  split: () => Promise.resolve({ text: 'ab cab\nabc ba\n'.repeat(6), origin: 'official' }),
  passages: () => Promise.resolve({ passages: PASSAGES, origin: 'official' }),
};

const prepare = (given: Partial<PrepareContext> = {}) =>
  createLastWord().prepare({
    ...{ dataset, cache: undefined, folder: '.' },
    tokenizer: () => Promise.resolve(letters),
    stage: () => Promise.resolve(),
    ...given,
  });

const rowsOf = ({ shape, data }: Field): number[][] => {
  const [rows = 0, time = 0] = shape;
  return Array.from({ length: rows }, (_, row) => Array.from(data.subarray(row * time, (row + 1) * time)));
};

describe('passages', () => {
  it('ask for the tokens of the last word, the white space before it among them', () => {
    const [a, b, c, space] = [0, 1, 2, 3];
    const passages = PASSAGES.map((passage) => encodePassage(passage, letters)!);
    expect(passages.map(({ wordTokens }) => wordTokens)).toEqual([2, 4, 3]);
    const { fields, weight } = fillPassages(passages, Int32Array.of(0, 1), 6);
    expect(rowsOf(fields['inputs'] as Field)).toEqual([
      [a, space, 0, 0, 0, 0],
      [a, b, space, c, a, 0],
    ]);
    expect(rowsOf(fields['labels'] as Field)).toEqual([
      [space, b, -1, -1, -1, -1],
      [-1, space, c, a, b, -1],
    ]);
    expect(weight).toBe(6);
  });

  it('lose their beginning where they are longer than the context', () => {
    const [a, b, c, space, line] = [0, 1, 2, 3, 4];
    const whole = encodePassage('abc abc\nba', letters)!;
    const { fields, weight } = fillPassages([whole], Int32Array.of(0), 4);
    expect(rowsOf(fields['inputs'] as Field)).toEqual([[b, c, line, b]]);
    expect(rowsOf(fields['labels'] as Field)).toEqual([[-1, line, b, a]]);
    expect(weight).toBe(3);
    // A word that fills the context alone.
    const long = encodePassage('a bbbbb', letters)!;
    const cut = fillPassages([long], Int32Array.of(0), 2);
    expect(rowsOf(cut.fields['inputs'] as Field)).toEqual([[b, b]]);
    expect(rowsOf(cut.fields['labels'] as Field)).toEqual([[b, b]]);
    expect(cut.weight).toBe(2);
    expect(space).toBe(3);
  });

  it('are none without a word before the last one', async () => {
    expect([encodePassage('abc', letters), encodePassage('  abc ', letters)]).toEqual([undefined, undefined]);
    const wrong: Dataset = {
      ...dataset,
      passages: async () => ({ passages: ['a b', 'c'], origin: 'official' }),
    };
    await expect(prepare({ dataset: wrong })).rejects.toMatchObject({
      code: 'passage-invalid',
      message: expect.stringMatching(/passage 2 of the validation split.*"c"/s) as string,
    });
  });
});

describe('the task last-word', () => {
  it('trains on the running text, and measures last words alone', async () => {
    const prepared = await prepare();
    const { fields, weight } = prepared
      .batches({ batch: 2, context: 5 }, createRandomStream(1, 'data-order'))
      .next();
    expect([(fields['labels'] as Field).data.every((label) => label >= 0), weight]).toEqual([true, 10]);
    const { scope, batches } = prepared.evaluation('test', { batch: 2, context: 8 });
    expect(scope).toEqual({ split: 'test', weight: 9 });
    expect(batches.map((batch) => batch.weight)).toEqual([6, 3]);
    expect(prepared.facts).toMatchObject({ validationPassages: 3, testPassages: 3 });
    const some = prepared.evaluation('test', { batch: 2, context: 8, places: [1] });
    expect(some.batches).toEqual([batches[1]]);
    expect(prepared.evaluation('train', { batch: 12, context: 8 }).batches[0]?.weight).toBe(6 * 4 + 6 * 3);
  });

  it('needs a text and passages', async () => {
    const { passages: _, ...bare } = dataset;
    await expect(prepare({ dataset: bare })).rejects.toMatchObject({
      code: 'dataset-holds-none',
      message: expect.stringMatching(/reads passages, and the dataset holds text/) as string,
    });
  });

  it('scores tokens by their passage, as floors do', async () => {
    const task = createLastWord();
    const prepared = await prepare();
    const [batch] = prepared.evaluation('test', { batch: 3, context: 8 }).batches;
    const labels = batch!.fields['labels'] as Field;
    const [nats, correct, passage] = tf.tidy(() => {
      // Sure of the letter b, whatever is asked for.
      const features = tf.ones([24, 1]) as Tensor2D;
      const weight = tf.tensor2d([0, 2, 0, 0, 0], [5, 1]);
      const fields = {
        labels: tf.tensor2d(labels.data, [3, 8], 'int32'),
        passages: tf.tensor1d([1, 2, 3], 'int32'),
      };
      return task.score({ features, weight }, fields).arraySync() as number[][];
    });
    expect(passage).toEqual(Array.from(labels.data, (label, at) => (label < 0 ? 0 : 1 + Math.floor(at / 8))));
    const normalizer = Math.log(Math.exp(2) + 4);
    labels.data.forEach((label, at) => {
      expect(nats![at]).toBeCloseTo(label < 0 ? 0 : normalizer - (label === 1 ? 2 : 0), 5);
      expect(correct![at]).toBe(Number(label === 1));
    });
    const [unigram] = prepared.floors!({ batch: 3, context: 8 });
    expect(Array.from(unigram!.score(batch!).columns['passage']!)).toEqual(passage);
  });

  it('folds words, of one batch and of several', () => {
    // Words of 2, 1 and 3 tokens; the first and the third are told wholly.
    const columns = (passage: number[], nats: number[], correct: number[]) => ({
      ...{
        passage: Float32Array.from(passage),
        nats: Float32Array.from(nats),
        correct: Float32Array.from(correct),
      },
    });
    const batches = [
      { weight: 3, columns: columns([0, 1, 1, 0, 2], [0, 1, 2, 0, 4], [0, 1, 1, 0, 0]) },
      { weight: 3, columns: columns([3, 3, 3, 0, 0], [0.5, 0.5, 1, 0, 0], [1, 1, 1, 0, 0]) },
    ];
    const found = lastWordMetrics.map(({ name, fold }) => {
      const pass = fold();
      for (const batch of batches) pass.add(batch);
      return [name, pass.finish({ split: 'test', weight: 6 })];
    });
    expect(Object.fromEntries(found)).toEqual({
      nats: 9 / 6,
      wordPerplexity: Math.exp((3 + 4 + 2) / 3),
      lastWordAccuracy: 2 / 3,
    });
    const empty = lastWordMetrics[2]!.fold().finish({ split: 'test', weight: 0 });
    expect(empty).toBeUndefined();
  });
});
