import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { withGradient } from '../gradient/custom-gradient.js';

/**
 * Rows of a table: tokens without positions, or the places of a sequence that a head reads. Its gradient is a
 * scatter-add, as that of `embedding`.
 *
 * @param x [count, width]
 * @param rows [n] int32 in [0, count), not checked; a row may be taken more than once
 * @returns [n, width]
 */
export function takeRows(x: Tensor2D, rows: Tensor1D): Tensor2D {
  const [shape, taken] = [x.shape, rows.size];
  return withGradient<Tensor2D>([x], (save) => {
    save([rows]);
    return {
      value: tf.gather(x, rows),
      gradient: (dy, [rows]) => [tf.scatterND(tf.reshape(rows!, [taken, 1]), dy, shape)], // [n] -> [n, 1]
    };
  });
}
