import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';

/** [rows, width] -> [width]: the sum over the rows. */
export function sumRows(x: Tensor2D): Tensor1D {
  return tf.sum(x, 0);
}
