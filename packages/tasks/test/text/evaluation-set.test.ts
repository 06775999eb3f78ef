import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEvaluationSet } from '@ligature/tasks';
import { opened, range } from './helpers.js';

const whole = { split: 'validation', batch: 2, context: 3 } as const;

describe('createEvaluationSet', () => {
  it('makes the remainder a batch of its own', () => {
    // 12 tokens, 11 to predict: chunks of 3 at 0, 3, 6 in batches of 2, and 2 positions that remain.
    const { batches, scope } = createEvaluationSet(Int32Array.from(range(12, 100)), 24, whole);
    expect(batches.map(opened)).toEqual([
      {
        inputs: Int32Array.from(range(6, 100)),
        labels: Int32Array.from(range(6, 101)),
        batch: 2,
        context: 3,
      },
      {
        inputs: Int32Array.from(range(3, 106)),
        labels: Int32Array.from(range(3, 107)),
        batch: 1,
        context: 3,
      },
      { inputs: Int32Array.of(109, 110), labels: Int32Array.of(110, 111), batch: 1, context: 2 },
    ]);
    expect(scope).toEqual({ split: 'validation', weight: 11, bytes: 22 });
    expect(batches.map(({ weight }) => weight)).toEqual([6, 3, 2]);
  });

  it('predicts every token but the first exactly once and in order', () => {
    const size = (max: number) => fc.integer({ min: 1, max });
    fc.assert(
      fc.property(
        fc.array(fc.nat(50), { minLength: 2, maxLength: 60 }),
        size(5),
        size(9),
        (list, batch, context) => {
          const tokens = Int32Array.from(list);
          const { batches, scope } = createEvaluationSet(tokens, 7, { split: 'test', batch, context });
          expect(batches.map(opened).flatMap(({ labels }) => [...labels])).toEqual(list.slice(1));
          expect(batches.map(opened).flatMap(({ inputs }) => [...inputs])).toEqual(list.slice(0, -1));
          expect(scope.weight).toBe(list.length - 1);
          for (const one of batches.map(opened)) {
            expect(one.inputs).toHaveLength(one.batch! * one.context!);
            expect(one.batch).toBeLessThanOrEqual(batch);
            expect(one.context).toBeLessThanOrEqual(context);
          }
        },
      ),
    );
  });

  it('counts the bytes behind the labels exactly where the tokenizer can', () => {
    // Token t stands for t bytes; the split has 0 + 1 + … + 11 = 66 and the first token has none.
    const tokens = Int32Array.from(range(12));
    const byteLength = (ids: ArrayLike<number>): number => Array.from(ids).reduce((sum, id) => sum + id, 0);
    expect(createEvaluationSet(tokens, 66, { ...whole, byteLength }).scope.bytes).toBe(66);
    // The first batch predicts the tokens 1..6.
    const quick = createEvaluationSet(tokens, 66, { ...whole, byteLength, maxBatches: 1 });
    expect(quick.scope).toEqual({ split: 'validation', weight: 6, bytes: 21 });
    expect(createEvaluationSet(tokens, 66, { ...whole, maxBatches: 1 }).scope.bytes).toBe(33);
  });

  it('takes only the first batches when it is told to', () => {
    const tokens = Int32Array.from(range(12));
    const all = createEvaluationSet(tokens, 12, whole).batches;
    expect(createEvaluationSet(tokens, 12, { ...whole, maxBatches: 2 }).batches).toEqual(all.slice(0, 2));
    expect(createEvaluationSet(tokens, 12, { ...whole, maxBatches: 99 }).batches).toEqual(all);
  });

  it('takes batches by their places, the short last one among them, with the bytes of these alone', () => {
    const tokens = Int32Array.from(range(12));
    const byteLength = (ids: ArrayLike<number>): number => Array.from(ids).reduce((sum, id) => sum + id, 0);
    const options = { ...whole, batch: 1, byteLength };
    const { batches: all } = createEvaluationSet(tokens, 66, options);
    expect(all.map(({ weight }) => weight)).toEqual([3, 3, 3, 2]);
    const some = createEvaluationSet(tokens, 66, { ...options, places: [1, 3] });
    // The second batch predicts 4, 5 and 6, the last one 10 and 11.
    expect(some).toEqual({
      scope: { split: 'validation', weight: 5, bytes: 36 },
      batches: [all[1], all[3]],
    });
    expect(createEvaluationSet(tokens, 66, { ...options, places: [1, 3], maxBatches: 1 }).batches).toEqual([
      all[1],
    ]);
    for (const place of [4, -1, 0.5]) {
      expect(() => createEvaluationSet(tokens, 66, { ...options, places: [0, place] })).toThrow(
        expect.objectContaining({ code: 'batch-shape-invalid' }),
      );
    }
  });

  it('evaluates the official chunks, whose eos stands for no bytes', () => {
    // Runs of 2 in groups of 5 and 4 tokens: 0 1, 2 3 (4 is dropped), 5 6, 7 8.
    const tokens = Int32Array.from(range(9));
    const { batches, scope } = createEvaluationSet(tokens, 18, {
      ...whole,
      chunking: 'bos-eos',
      bosId: 90,
      eosId: 91,
      groups: [5, 9],
      byteLength: (ids) => 2 * ids.length,
    });
    expect(batches.map(opened).map(({ labels }) => [...labels])).toEqual([
      [0, 1, 91, 2, 3, 91],
      [5, 6, 91, 7, 8, 91],
    ]);
    expect(batches.map(opened).map(({ inputs }) => [...inputs])).toEqual([
      [90, 0, 1, 90, 2, 3],
      [90, 5, 6, 90, 7, 8],
    ]);
    expect(scope).toEqual({ split: 'validation', weight: 12, bytes: 16 });
  });

  it('refuses a split with nothing to predict', () => {
    const tooShort = expect.objectContaining({ name: 'InputError', code: 'text-too-short' });
    for (const length of [0, 1]) {
      expect(() => createEvaluationSet(new Int32Array(length), length, whole)).toThrow(tooShort);
    }
    const official = { ...whole, context: 5, chunking: 'bos-eos', bosId: 1 } as const;
    expect(() => createEvaluationSet(new Int32Array(3), 3, official)).toThrow(tooShort);
    expect(createEvaluationSet(new Int32Array(3), 3, { ...official, context: 4 }).scope.weight).toBe(4);
    for (const maxBatches of [0, 1.5]) {
      expect(() => createEvaluationSet(new Int32Array(9), 9, { ...whole, maxBatches })).toThrow(
        expect.objectContaining({ code: 'batch-shape-invalid' }),
      );
    }
  });
});
