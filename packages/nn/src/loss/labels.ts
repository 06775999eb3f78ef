import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D } from '@tensorflow/tfjs-core';

export interface LabelOptions {
  /**
   * Whether a label below 0 (Hugging Face's -100) marks a target that does not count. It costs something, so say so only
   * where such labels may be; left out: every label is taken for a class.
   */
  readonly ignoreNegative?: boolean;
}

export interface CountedLabels {
  /** [rows] int32: the label, or class 0 where it does not count. */
  readonly labels: Tensor1D;
  /** [rows] float32: 1 where it counts, 0 where it does not. */
  readonly counted: Tensor1D;
}

/** labels [rows] int32 */
export function countedLabels(labels: Tensor1D): CountedLabels {
  const zero = tf.scalar(0, 'int32');
  return {
    labels: tf.maximum(labels, zero) as Tensor1D,
    counted: tf.cast(tf.greaterEqual(labels, zero), 'float32') as Tensor1D,
  };
}
