/** Counting without training: a text small enough to count by hand, and slow twins of the table and of the formulas. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BatchScores, Dataset, Floor, Prepared, SplitName, Tokenizer } from '@ligature/core';
import { causalLmOptionsSchema, createCausalLm, cutChunks, tokenizeDataset } from '../../src/index.js';
import { bigram, unigram } from '../../src/text/ngram.js';
import { PairCounts } from '../../src/text/pair-counts.js';
import { letterTokenizer } from '../text/helpers.js';

const counted = (size: number, tokens: readonly number[]): PairCounts => {
  const counts = new PairCounts(size);
  const ids = Int32Array.from(tokens);
  counts.addAll(ids.subarray(0, -1), ids.subarray(1));
  return counts;
};

const sequences = fc
  .integer({ min: 1, max: 40 })
  .chain((size) =>
    fc.tuple(
      fc.constant(size),
      fc.array(fc.integer({ min: 0, max: size - 1 }), { minLength: 2, maxLength: 300 }),
    ),
  );

describe('counts of pairs', () => {
  it('are those of a map with a text for each pair', () => {
    fc.assert(
      fc.property(sequences, ([size, tokens]) => {
        const twin = new Map<string, number>();
        for (let at = 1; at < tokens.length; at += 1) {
          const pair = `${tokens[at - 1]} ${tokens[at]}`;
          twin.set(pair, (twin.get(pair) ?? 0) + 1);
        }
        const counts = counted(size, tokens);
        const found = new Map<string, number>();
        counts.forEach((first, second, count) => found.set(`${first} ${second}`, count));
        expect(found).toEqual(twin);
        for (let id = 0; id < size; id += 1) {
          expect(counts.seconds[id]).toBe(tokens.slice(1).filter((one) => one === id).length);
          expect(counts.firsts[id]).toBe(tokens.slice(0, -1).filter((one) => one === id).length);
          expect(counts.followers[id]).toBe(
            [...twin.keys()].filter((key) => key.startsWith(`${id} `)).length,
          );
        }
        expect(counts.total).toBe(tokens.length - 1);
        expect(counts.distinct).toBe(new Set(tokens.slice(1)).size);
      }),
    );
  });

  it('grow with the text, for a vocabulary of 50 257 too', () => {
    // A walk that comes back to a pair only after 50 000 others.
    const size = 50_257;
    const tokens = Array.from({ length: 100_001 }, (_, at) => ((at % 50_000) * 7) % size);
    const counts = counted(size, tokens);
    let pairs = 0;
    counts.forEach((_, __, count) => {
      expect(count).toBe(2);
      pairs += 1;
    });
    expect(pairs).toBe(50_000);
    expect(counts.count(0, 7)).toBe(2);
    expect(counts.count(7, 0)).toBe(0);
  });
});

describe('probabilities by counts', () => {
  it('sum to one after every token, and what is called the most likely one is', () => {
    fc.assert(
      fc.property(sequences, ([size, tokens]) => {
        const counts = counted(size, tokens);
        for (const model of [unigram(counts), bigram(counts)]) {
          for (let previous = 0; previous < size; previous += 1) {
            const row = Array.from({ length: size }, (_, next) => model.probability(previous, next));
            expect(row.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 10);
            expect(Math.min(...row)).toBeGreaterThan(0);
            const best = model.best(previous);
            expect(row[best]).toBeCloseTo(Math.max(...row), 12);
          }
        }
      }),
    );
  });

  it('takes the unigram after a token that nothing ever followed', () => {
    const counts = counted(3, [0, 1, 0, 1, 1]);
    expect(bigram(counts).probability(2, 1)).toBe(unigram(counts).probability(2, 1));
    expect(bigram(counts).best(2)).toBe(1);
  });
});

const datasetOf = (texts: Record<SplitName, string>): Dataset => ({
  name: 'letters',
  description: 'of a test',
  split: (name) => Promise.resolve({ text: texts[name], origin: 'official' }),
});

const TEXTS = { train: 'abcabcabcabcabcabcab', validation: 'abcab', test: 'cba' };

function prepare(texts: Record<SplitName, string>, tokenizer: Tokenizer, chunking: 'contiguous' | 'bos-eos') {
  return createCausalLm(causalLmOptionsSchema.parse({ chunking })).prepare({
    dataset: datasetOf(texts),
    tokenizer: () => Promise.resolve(tokenizer),
    cache: undefined,
    folder: '.',
    stage: () => Promise.resolve(),
  });
}

const SHAPE = { batch: 2, context: 3 };

/** All scores of a split, in order. */
function scoresOf(floor: Floor, prepared: Prepared, split: SplitName) {
  const scores = prepared.evaluation(split, SHAPE).batches.map((batch): BatchScores => floor.score(batch));
  const column = (name: string): number[] => scores.flatMap(({ columns }) => [...(columns[name] ?? [])]);
  return {
    weight: scores.reduce((sum, { weight }) => sum + weight, 0),
    nats: column('nats'),
    correct: column('correct'),
  };
}

describe('the floors of a language model', () => {
  it('are those that one counts by hand', async () => {
    // 19 targets, a 6, b 7, c 6, of a vocabulary of 5: unigram (n + 3/5) / 22. After a there are 7 b, after b 6 c, after c 6 a.
    const prepared = await prepare(TEXTS, letterTokenizer('abc'), 'contiguous');
    const [unigrams, bigrams] = prepared.floors?.(SHAPE) as [Floor, Floor];
    expect(unigrams.description).toBe('how often each token occurs in the 20 tokens to train on');
    // Targets of `cba`: b after c, a after b.
    const one = scoresOf(unigrams, prepared, 'test');
    expect(one.weight).toBe(2);
    expect(one.nats[0]).toBeCloseTo(-Math.log(7.6 / 22), 6);
    expect(one.nats[1]).toBeCloseTo(-Math.log(6.6 / 22), 6);
    expect(one.correct).toEqual([1, 0]);
    const two = scoresOf(bigrams, prepared, 'test');
    expect(two.nats[0]).toBeCloseTo(-Math.log(7.6 / 22 / 7), 6);
    expect(two.nats[1]).toBeCloseTo(-Math.log(6.6 / 22 / 7), 6);
    expect(two.correct).toEqual([0, 0]);
    // `abcab` goes on as the training text does: (7 + 7.6/22) / 8 for b after a.
    const seen = scoresOf(bigrams, prepared, 'validation');
    expect(seen.nats[0]).toBeCloseTo(-Math.log((7 + 7.6 / 22) / 8), 6);
    expect(seen.correct).toEqual([1, 1, 1, 1]);
  });

  it('count what bos-eos chunks ask for, their own tokens too', async () => {
    const tokenizer = letterTokenizer('abc', { bosId: 3, eosId: 3 });
    const prepared = await prepare({ ...TEXTS, test: 'abcabc' }, tokenizer, 'bos-eos');
    const data = await tokenizeDataset({ dataset: datasetOf(TEXTS), tokenizer, chunking: 'bos-eos' });
    const chunks = cutChunks(data.tokens('train'), {
      context: 3,
      chunking: 'bos-eos',
      bosId: 3,
      eosId: 3,
      groups: data.groups('train'),
    });
    const labels: number[] = [];
    for (let index = 0; index < chunks.count; index += 1) {
      const [inputs, own] = [new Int32Array(3), new Int32Array(3)];
      chunks.copy(index, inputs, own, 0);
      labels.push(...own);
    }
    const times = (id: number): number => labels.filter((one) => one === id).length;
    expect(times(3)).toBe(chunks.count);
    const [unigrams] = prepared.floors?.(SHAPE) as [Floor];
    const { nats } = scoresOf(unigrams, prepared, 'test');
    // Labels of the first chunk are a, b and the token that ends it; of the ids, four are labels of the training text.
    const expected = [0, 1, 3].map(
      (id) => -Math.log((times(id) + 4 / tokenizer.vocabularySize) / (labels.length + 4)),
    );
    nats.slice(0, 3).forEach((value, at) => expect(value).toBeCloseTo(expected[at] as number, 6));
  });

  it('have another key for another training text, and for other chunks where chunks count', async () => {
    const keyOf = async (train: string, chunking: 'contiguous' | 'bos-eos', context: number) => {
      const tokenizer = letterTokenizer('abc', { bosId: 3, eosId: 3 });
      const prepared = await prepare({ ...TEXTS, train }, tokenizer, chunking);
      return prepared.floors?.({ batch: 2, context })[0]?.key;
    };
    const key = await keyOf(TEXTS.train, 'contiguous', 3);
    expect(await keyOf(TEXTS.train, 'contiguous', 5)).toBe(key);
    expect(await keyOf(`${TEXTS.train}c`, 'contiguous', 3)).not.toBe(key);
    const ended = await keyOf(TEXTS.train, 'bos-eos', 3);
    expect(ended).not.toBe(key);
    expect(await keyOf(TEXTS.train, 'bos-eos', 5)).not.toBe(ended);
  });
});
