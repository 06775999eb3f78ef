/** The affine map and the residual sum. Their sums keep nothing for the backward pass. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { ParameterSpec } from '@ligature/core';
import { withGradient } from './gradient/custom-gradient.js';
import { sumRows } from './gradient/sum-rows.js';

/** What the first axis of a matrix counts: GPT-2's matrices are [in, out], those of PyTorch's `Linear` [out, in]. */
export type MatrixRows = NonNullable<ParameterSpec['rows']>;

/** x [rows, in] · weight [in, out] + bias [out] -> [rows, out]; with `outputs` the weight is [out, in]. */
export function linear(
  x: Tensor2D,
  weight: Tensor2D,
  bias?: Tensor1D,
  matrix: MatrixRows = 'inputs',
): Tensor2D {
  const product: Tensor2D = tf.matMul(x, weight, false, matrix === 'outputs');
  return bias ? plusBias(product, bias) : product;
}

/** x [rows, width] + bias [width], to every row. */
export function plusBias(x: Tensor2D, bias: Tensor1D): Tensor2D {
  return withGradient<Tensor2D>([x, bias], () => ({
    value: tf.add(x, bias),
    gradient: (dy) => [dy, sumRows(dy)],
  }));
}

/** x + scale branch, of one shape. */
export function residual<T extends Tensor>(x: T, branch: T, scale = 1): T {
  if (scale !== 1) {
    return withGradient<T>([x, branch], () => ({
      value: tf.add(x, tf.mul(branch, scale)),
      gradient: (dy) => [dy, tf.mul(dy, scale)],
    }));
  }
  return withGradient<T>([x, branch], () => ({
    value: tf.add(x, branch),
    gradient: (dy) => [dy, dy],
  }));
}

/** A new shape of the same size, for values that a gradient flows through. */
export function reshaped<T extends Tensor>(x: Tensor, shape: number[]): T {
  const from = x.shape;
  return withGradient<T>([x], () => ({
    value: tf.reshape(x, shape) as T,
    gradient: (dy) => [tf.reshape(dy, from)],
  }));
}
