import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ByteCache, Dataset, SplitName } from '@ligature/core';
import { createRandomStream } from '@ligature/core';
import { createByteTokenizer } from '@ligature/tokenizers';
import { evaluationBatches, tokenizeDataset, trainingBatches } from '@ligature/tasks';
import { idsOf, letterTokenizer, memoryCache, opened } from './helpers.js';

const SPLIT_NAMES: readonly SplitName[] = ['train', 'validation', 'test'];

const dataset = (texts: Partial<Record<SplitName, string>> = {}): Dataset => ({
  name: 'letters',
  description: 'three texts',
  split: async (name) => ({
    text: { train: 'abcab', validation: 'aé', test: 'dda', ...texts }[name],
    origin: name === 'train' ? 'official' : 'derived',
  }),
});

describe('tokenizeDataset', () => {
  it('gives ids, bytes, origin and the use of the vocabulary', async () => {
    const data = await tokenizeDataset({ dataset: dataset(), tokenizer: letterTokenizer('abcdé') });
    expect(idsOf(data.tokens('train'))).toEqual([0, 1, 2, 0, 1]);
    expect(idsOf(data.tokens('validation'))).toEqual([0, 4]);
    expect([data.bytes('train'), data.bytes('validation')]).toEqual([5, 3]);
    expect([data.origin('train'), data.origin('test')]).toEqual(['official', 'derived']);
    expect(data.vocabulary('train')).toEqual({ distinct: 3, unseen: 0 });
    // In "dda" the two d are not in the training text.
    expect(data.vocabulary('test')).toEqual({ distinct: 2, unseen: 2 });
  });

  it('encodes rows in groups for bos-eos chunks', async () => {
    // 1001 rows "ab\n", an empty one among the first 1000: groups of 999 and 2 rows.
    const train = `${'ab\n'.repeat(500)}\n${'ab\n'.repeat(501)}`;
    const data = await tokenizeDataset({
      dataset: dataset({ train }),
      tokenizer: letterTokenizer('abd\né', { bosId: 5 }),
      chunking: 'bos-eos',
    });
    expect([...data.groups('train')]).toEqual([999 * 3, 1001 * 3]);
    expect(data.bytes('train')).toBe(1001 * 3);
    // Runs of 4: 749 of 2997 tokens and 1 of 6.
    const set = evaluationBatches(data, { split: 'train', batch: 1000, context: 5 });
    const batches = set.batches.map(opened);
    expect(batches.map(({ batch }) => batch)).toEqual([750]);
    expect([...(batches[0]?.inputs.subarray(749 * 5) ?? [])]).toEqual([5, 0, 1, 3, 0]);
  });

  it('refuses ids that the vocabulary has not', async () => {
    const tokenizer = letterTokenizer('abc');
    await expect(tokenizeDataset({ dataset: dataset(), tokenizer })).rejects.toMatchObject({
      name: 'ContractError',
      code: 'token-id-out-of-range',
    });
  });
});

describe('the token cache', () => {
  const run = async (cache: ByteCache, tokenizer = letterTokenizer('abcdé'), texts = {}) => {
    const data = await tokenizeDataset({ dataset: dataset(texts), tokenizer, cache });
    return {
      calls: tokenizer.calls,
      ids: SPLIT_NAMES.map((name) => idsOf(data.tokens(name))),
      cached: SPLIT_NAMES.map((name) => data.cached(name)),
    };
  };

  it('saves the encoding of a text that was encoded before', async () => {
    const cache = memoryCache();
    const first = await run(cache);
    const second = await run(cache);
    expect(first).toMatchObject({ calls: 3, cached: [false, false, false] });
    expect(second).toMatchObject({ calls: 0, cached: [true, true, true] });
    expect(second.ids).toEqual(first.ids);
    const names = [...cache.entries.keys()];
    expect(names).toHaveLength(3);
    expect(names.every((name) => /^[0-9a-f]{64}\.tokens$/.test(name))).toBe(true);
  });

  it('encodes anew when the text or the tokenizer differs', async () => {
    const cache = memoryCache();
    await run(cache);
    expect((await run(cache, letterTokenizer('abcdé'), { test: 'ddd' })).cached).toEqual([true, true, false]);
    const other = await run(cache, letterTokenizer('éabcd'));
    expect(other).toMatchObject({ calls: 3, cached: [false, false, false] });
    expect(other.ids[0]).toEqual([1, 2, 3, 1, 2]);
  });

  it('ignores damaged entries and makes them anew', async () => {
    const cache = memoryCache();
    const { ids } = await run(cache);
    for (const damage of [
      (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 4),
      (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.alloc(4)]),
      (bytes: Uint8Array) => bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte)),
      (bytes: Uint8Array) => bytes.map((byte, at) => (at === 36 ? byte ^ 1 : byte)),
      () => Buffer.alloc(0),
      () => Buffer.from('not a cache entry'),
    ]) {
      for (const [name, bytes] of cache.entries) cache.entries.set(name, damage(bytes));
      expect(await run(cache)).toEqual({ calls: 3, cached: [false, false, false], ids });
      expect(await run(cache)).toEqual({ calls: 0, cached: [true, true, true], ids });
    }
  });

  it.each([
    ['groups that end behind the text', [1, 5, 1, 0, 1, 2, 3, 0, 2 ** 31 - 1]],
    ['groups that go back', [1, 5, 3, 0, 1, 2, 3, 0, 3, 1, 5]],
    ['no groups at all', [1, 5, 0, 0, 1, 2, 3, 0]],
    ['a negative number of ids', [1, -1, 3, 0, 1]],
  ])('takes an entry with %s for a damaged one, whatever its digest says', async (_what, words) => {
    const cache = memoryCache();
    const { ids } = await run(cache);
    const payload = Buffer.from(Int32Array.from(words).buffer);
    const entry = Buffer.concat([createHash('sha256').update(payload).digest(), payload]);
    for (const name of cache.entries.keys()) cache.entries.set(name, entry);
    expect(await run(cache)).toEqual({ calls: 3, cached: [false, false, false], ids });
  });

  it('does without when nothing can be kept', async () => {
    const { ids } = await run(memoryCache());
    const lost = { read: () => Promise.resolve(undefined), write: () => Promise.resolve(false) };
    expect(await run(lost)).toEqual({ calls: 3, cached: [false, false, false], ids });
  });
});

describe('batches of a tokenized dataset', () => {
  it('come from the right split, with exact bytes where the tokenizer offers them', async () => {
    const letters = letterTokenizer('abcdé');
    const tokenizer = {
      ...letters,
      byteLength: (ids: ArrayLike<number>) => Buffer.byteLength(letters.decode(ids)),
    };
    const data = await tokenizeDataset({ dataset: dataset(), tokenizer });
    const { scope, batches } = evaluationBatches(data, { split: 'validation', batch: 2, context: 4 });
    expect(scope).toEqual({ split: 'validation', weight: 1, bytes: 2 });
    expect(batches.map(opened)).toEqual([
      { inputs: Int32Array.of(0), labels: Int32Array.of(4), batch: 1, context: 1 },
    ]);
    const source = trainingBatches(data, { batch: 1, context: 4 }, createRandomStream(1, 'data-order'));
    expect(opened(source.next())).toEqual({
      inputs: Int32Array.of(0, 1, 2, 0),
      labels: Int32Array.of(1, 2, 0, 1),
      batch: 1,
      context: 4,
    });
  });
});

describe('evaluation of documents', () => {
  it('asks for each of their tokens but the first once, and counts the bytes behind them', async () => {
    const whole: Dataset = {
      ...{ name: 'whole', description: '' },
      split: async () => ({ text: 'abcde|f|é|ghij', origin: 'official' }),
    };
    const data = await tokenizeDataset({
      ...{ dataset: whole, tokenizer: createByteTokenizer(), chunking: 'documents', separator: '|' },
    });
    const set = evaluationBatches(data, { split: 'test', batch: 2, context: 3 });
    // abcde: 4 targets in two rows; é: one of two bytes; ghij: 3.
    expect(set.scope).toEqual({ split: 'test', weight: 8, bytes: 8 });
    const labels = set.batches.map(opened).flatMap((one) => [...one.labels]);
    expect(labels.filter((label) => label >= 0)).toHaveLength(8);
    expect(set.batches.map(({ weight }) => weight)).toEqual([4, 4]);
  });
});
