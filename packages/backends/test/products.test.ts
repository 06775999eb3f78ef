/** The mended matrix products against the slow twin: tfjs's plain JavaScript backend. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deviation, filled, on, registerTestGradients } from './support.js';

const TOLERANCE = 2e-5;
const dimension = fc.integer({ min: 1, max: 21 });
const layout = fc.record({
  rows: dimension,
  columns: dimension,
  inner: dimension,
  seed: fc.nat(),
  tA: fc.boolean(),
  tB: fc.boolean(),
});

const shapes = ({
  rows,
  columns,
  inner,
  tA,
  tB,
}: {
  rows: number;
  columns: number;
  inner: number;
  tA: boolean;
  tB: boolean;
}) => ({
  a: tA ? [inner, rows] : [rows, inner],
  b: tB ? [columns, inner] : [inner, columns],
});

async function bothBackends(compute: () => tf.Tensor | tf.Tensor[]): Promise<number> {
  return deviation(await on('wasm', compute), await on('cpu', compute));
}

describe('matrix products on wasm', () => {
  it('equal the cpu backend for every layout and batch', async () => {
    const batches = fc.constantFrom<[number[], number[]]>(
      [[], []],
      [[3], [3]],
      [
        [2, 3],
        [2, 3],
      ],
      [[3], []],
      [[], [3]],
      [
        [2, 2],
        [1, 1],
      ],
      [[1], [4]],
    );
    await fc.assert(
      fc.asyncProperty(layout, batches, async (one, [batchA, batchB]) => {
        const { a, b } = shapes(one);
        const largest = await bothBackends(() =>
          tf.matMul(
            filled([...batchA, ...a], one.seed),
            filled([...batchB, ...b], one.seed + 1),
            one.tA,
            one.tB,
          ),
        );
        expect(largest).toBeLessThan(TOLERANCE);
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    [257, 1030, 300],
    [300, 9, 513],
    [5, 1025, 257],
  ])('equal the cpu backend across block borders: %i x %i over %i', async (rows, columns, inner) => {
    for (const [tA, tB] of [
      [false, false],
      [false, true],
      [true, false],
      [true, true],
    ] as const) {
      const { a, b } = shapes({ rows, columns, inner, tA, tB });
      const largest = await bothBackends(() => tf.matMul(filled(a, 7), filled(b, 8), tA, tB));
      expect(largest).toBeLessThan(1e-4);
    }
  });

  it('broadcast batches on both sides, as if each operand were repeated', async () => {
    await fc.assert(
      fc.asyncProperty(layout, async (one) => {
        const { a, b } = shapes(one);
        const operands = (): [tf.Tensor, tf.Tensor] => [
          filled([2, 1, ...a], one.seed),
          filled([3, ...b], one.seed + 1),
        ];
        const found = await on('wasm', () => tf.matMul(...operands(), one.tA, one.tB));
        const expected = await on('cpu', () => {
          const [left, right] = operands();
          return tf.matMul(
            tf.broadcastTo(left, [2, 3, ...a]),
            tf.broadcastTo(right, [2, 3, ...b]),
            one.tA,
            one.tB,
          );
        });
        expect(deviation(found, expected)).toBeLessThan(TOLERANCE);
      }),
      { numRuns: 30 },
    );
  });

  it('never read what an output held before', async () => {
    const poisoned = (): tf.Tensor => {
      // The heap hands the freed bytes of the NaNs to the product.
      tf.fill([9, 5], NaN).dispose();
      return tf.matMul(filled([9, 3], 1), filled([3, 5], 2));
    };
    expect(await bothBackends(poisoned)).toBeLessThan(TOLERANCE);
  });

  it('are zero over an empty inner dimension and empty for an empty batch', async () => {
    const [zeros, empty] = await on('wasm', () => [
      tf.matMul(tf.zeros([2, 0]), tf.zeros([0, 3])),
      tf.matMul(tf.zeros([0, 2, 3]), tf.zeros([0, 3, 4])),
    ]);
    expect(zeros).toEqual({ shape: [2, 3], dtype: 'float32', values: [0, 0, 0, 0, 0, 0] });
    expect(empty).toEqual({ shape: [0, 2, 4], dtype: 'float32', values: [] });
  });

  it('pass NaN and infinity on', async () => {
    const [product] = await on('wasm', () =>
      tf.matMul(
        tf.tensor2d([
          [NaN, 1],
          [Infinity, 1],
          [2, 3],
        ]),
        tf.ones([2, 9]),
      ),
    );
    expect(product!.values.slice(0, 9)).toEqual(new Array(9).fill(NaN));
    expect(product!.values.slice(9, 18)).toEqual(new Array(9).fill(Infinity));
    expect(product!.values.slice(18)).toEqual(new Array(9).fill(5));
  });

  it('refuse integers with a reason', async () => {
    const ones = (): tf.Tensor => tf.ones([2, 2], 'int32');
    await expect(
      on(
        'wasm',
        () =>
          tf
            .engine()
            .runKernel(
              'BatchMatMul',
              { a: ones(), b: ones() },
              { transposeA: false, transposeB: false },
            ) as tf.Tensor,
      ),
    ).rejects.toThrow(/float32 tensors, not int32/);
  });

  it('fused with a bias and an activation equal the cpu backend', async () => {
    const activations = ['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu'] as const;
    await fc.assert(
      fc.asyncProperty(
        layout,
        fc.constantFrom(...activations),
        fc.boolean(),
        async (one, activation, biased) => {
          const { a, b } = shapes(one);
          const largest = await bothBackends(() =>
            tf.fused.matMul({
              a: filled(a, one.seed),
              b: filled(b, one.seed + 1),
              transposeA: one.tA,
              transposeB: one.tB,
              activation,
              ...(biased ? { bias: filled([one.columns], one.seed + 2) } : {}),
            }),
          );
          expect(largest).toBeLessThan(TOLERANCE);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('differentiate like the cpu backend: embedding, product, bias, product', async () => {
    registerTestGradients();
    await fc.assert(
      fc.asyncProperty(dimension, dimension, dimension, fc.nat(), async (vocabulary, width, rows, seed) => {
        const ids = (): tf.Tensor1D =>
          tf.tensor1d(
            Int32Array.from({ length: rows }, (_, i) => (i * i + seed) % vocabulary),
            'int32',
          );
        const largest = await bothBackends(() => {
          const labels = ids();
          const network = (...weights: tf.Tensor[]): tf.Tensor => {
            const [table, bias] = weights as [tf.Tensor2D, tf.Tensor1D];
            const hidden = tf.add(tf.matMul(tf.gather(table, labels), filled([width, width], seed)), bias);
            return tf.matMul(hidden, filled([width, 1], seed + 1));
          };
          const weights = [filled([vocabulary, width], seed + 2), filled([width], seed + 3)];
          const { value, grads } = tf.valueAndGrads(network)(weights, filled([rows, 1], seed + 4));
          return [value, ...grads];
        });
        expect(largest).toBeLessThan(1e-4);
      }),
      { numRuns: 40 },
    );
  });
});
