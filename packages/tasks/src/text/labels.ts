import type { TensorBatch } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';

/** The field `labels`, [batch, time] -> [batch * time] */
export function labelsOf({ labels }: TensorBatch): Tensor1D {
  return tf.reshape(labels as Tensor, [(labels as Tensor).size]);
}
