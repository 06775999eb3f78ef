import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { selectBackend } from '../src/index.js';

export interface Values {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly values: readonly number[];
}

/** Runs `compute` on a backend and returns its results as plain numbers; leaves no tensor behind. */
export async function on(backend: 'wasm' | 'cpu', compute: () => Tensor | Tensor[]): Promise<Values[]> {
  if (tf.getBackend() !== backend) await selectBackend(backend);
  const results = tf.tidy(() => [compute()].flat());
  const values = await Promise.all(
    results.map(async (tensor) => ({
      shape: tensor.shape,
      dtype: tensor.dtype,
      values: [...(await tensor.data())],
    })),
  );
  tf.dispose(results);
  return values;
}

/** Largest difference relative to 1 + |expected|; Infinity where shapes, types or NaNs differ. */
export function deviation(found: readonly Values[], expected: readonly Values[]): number {
  if (found.length !== expected.length) return Infinity;
  let largest = 0;
  for (const [index, { shape, dtype, values }] of expected.entries()) {
    const other = found[index]!;
    if (shape.join() !== other.shape.join() || dtype !== other.dtype) return Infinity;
    for (const [i, value] of values.entries()) {
      const difference = Math.abs(other.values[i]! - value) / (1 + Math.abs(value));
      if (Number.isNaN(difference)) return Infinity;
      largest = Math.max(largest, difference);
    }
  }
  return largest;
}

/**
 * How far two float32 sums of the same terms in another order may be apart: the sum itself may come out near zero,
 * so the bound grows with the terms and not with the result.
 */
export function summationTolerance(largestTerm: number, terms: number): number {
  return 1e-6 + 4 * terms * largestTerm * 2 ** -24;
}

/** Values in [-1, 1] that look random and depend on a seed only. */
export function pseudoRandom(size: number, seed: number): Float32Array {
  let state = seed >>> 0 || 1;
  return Float32Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32) * 2 - 1;
  });
}

export function filled(shape: readonly number[], seed: number): Tensor {
  return tf.tensor(pseudoRandom(tf.util.sizeFromShape([...shape]), seed), [...shape]);
}

/** The gradients of tfjs that the tests differentiate through; in Node, tfjs-core comes with none. */
export function registerTestGradients(): void {
  if (!tf.getGradient('BatchMatMul')) {
    tf.registerGradient({
      kernelName: 'BatchMatMul',
      inputsToSave: ['a', 'b'],
      gradFunc: (dy, [a, b]) => ({
        a: () => tf.matMul(dy as Tensor, b!, false, true),
        b: () => tf.matMul(a!, dy as Tensor, true, false),
      }),
    });
  }
  if (!tf.getGradient('GatherV2')) {
    tf.registerGradient({
      kernelName: 'GatherV2',
      inputsToSave: ['x', 'indices'],
      gradFunc: (dy, [x, indices]) => ({
        x: () => tf.unsortedSegmentSum(dy as Tensor, indices as tf.Tensor1D, x!.shape[0]!),
        indices: () => tf.zerosLike(indices!),
      }),
    });
  }
  if (!tf.getGradient('Add')) {
    tf.registerGradient({
      kernelName: 'Add',
      inputsToSave: ['a', 'b'],
      // Of the broadcasts, only a bias over leading dimensions.
      gradFunc: (dy, [a, b]) => ({
        a: () => sumTo(dy as Tensor, a!.shape),
        b: () => sumTo(dy as Tensor, b!.shape),
      }),
    });
  }
}

function sumTo(x: Tensor, shape: readonly number[]): Tensor {
  const leading = x.shape.length - shape.length;
  return leading === 0
    ? tf.clone(x)
    : tf.sum(
        x,
        Array.from({ length: leading }, (_, i) => i),
      );
}
