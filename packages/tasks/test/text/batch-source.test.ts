import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandomStream, type Batch, type BatchSource } from '@ligature/core';
import { createBatchSource } from '@ligature/tasks';
import { opened, range } from './helpers.js';

const tokens = (length: number): Int32Array => Int32Array.from(range(length));
const source = (length: number, batch: number, context: number, seed = 1): BatchSource =>
  createBatchSource(tokens(length), { batch, context }, createRandomStream(seed, 'data-order'));
const take = (from: BatchSource, count: number): Batch[] => range(count).map(() => from.next());

describe('createBatchSource', () => {
  it('gives row-major batches whose rows are chunks', () => {
    const { inputs, labels, batch, context } = opened(source(13, 2, 3).next());
    expect([batch, context]).toEqual([2, 3]);
    for (const row of [0, 1]) {
      const first = inputs[row * 3] as number;
      expect(first % 3).toBe(0);
      expect([...inputs.subarray(row * 3, row * 3 + 3)]).toEqual([first, first + 1, first + 2]);
      expect([...labels.subarray(row * 3, row * 3 + 3)]).toEqual([first + 1, first + 2, first + 3]);
    }
  });

  it('shows every chunk at most once an epoch, in the order of the shuffle, and shuffles each epoch anew', () => {
    // 22 tokens, context 3: 7 chunks, so 3 batches of 2 and one chunk left over.
    const stream = createRandomStream(5, 'data-order');
    const epochs = [stream.shuffle(range(7)), stream.shuffle(range(7))];
    const rows = take(source(22, 2, 3, 5), 6)
      .map(opened)
      .map(({ inputs }) => [inputs[0], inputs[3]]);
    expect(rows.flat()).toEqual(epochs.flatMap((order) => order.slice(0, 6).map((chunk) => chunk * 3)));
    expect(epochs[0]).not.toEqual(epochs[1]);
  });

  it('gives the same sequence for equal seeds and another one for others', () => {
    expect(take(source(200, 4, 5, 3), 30)).toEqual(take(source(200, 4, 5, 3), 30));
    expect(take(source(200, 4, 5, 3), 30)).not.toEqual(take(source(200, 4, 5, 4), 30));
  });

  it('goes on exactly where a snapshot was taken, wherever that was', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 25 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 99 }),
        (done, batch, seed) => {
          const first = source(50, batch, 5, seed);
          take(first, done);
          const state = structuredClone(first.snapshot());
          const expected = take(first, 20);
          // A fresh instance with a stream of another seed: all that counts is in the snapshot.
          const second = source(50, batch, 5, seed + 1);
          take(second, 3);
          second.restore(state);
          expect(take(second, 20)).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('keeps a snapshot apart from what happens after it', () => {
    const one = source(50, 2, 5);
    one.next();
    const state = one.snapshot();
    const before = structuredClone(state);
    take(one, 20);
    expect(state).toEqual(before);
  });

  it('refuses the snapshot of another text, and what is no snapshot', () => {
    const state = source(50, 2, 5).snapshot() as Record<string, never>;
    const started = source(50, 2, 5);
    started.next();
    const other = source(80, 2, 5);
    const order = new Int32Array(9);
    for (const wrong of [
      started.snapshot(),
      null,
      {},
      { ...state, taken: 1 },
      { ...(started.snapshot() as object), order },
    ]) {
      expect(() => other.restore(wrong as never)).toThrow(
        expect.objectContaining({ name: 'ContractError', code: 'batch-source-state-invalid' }),
      );
    }
  });

  it('says how many tokens there are, and what would fit', () => {
    expect(() => source(10, 4, 3)).toThrow(
      'Cut training batches of 4 x 3 tokens: the text has 10 tokens, which make 3 of the 4 chunks of one batch. ' +
        'Use a longer text, or a batch of at most 3, or a context of at most 2',
    );
    // What it says holds.
    expect(opened(source(10, 3, 3).next()).batch).toBe(3);
    expect(opened(source(10, 4, 2).next()).batch).toBe(4);
    expect(() => source(0, 1, 8)).toThrow(/has 0 tokens.*Use a longer text$/);
    expect(() => source(10, 0, 3)).toThrow(expect.objectContaining({ code: 'batch-shape-invalid' }));
  });
});
