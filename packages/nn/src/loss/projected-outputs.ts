import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Projection } from '@ligature/core';
import { plusBias } from '../linear.js';

/** All outputs of a projection, features weightᵀ + bias, [targets, outputs]: logits, or what a regression says. */
export function projectedOutputs({ features, weight, bias }: Projection): Tensor2D {
  const product: Tensor2D = tf.matMul(features, weight, false, true);
  return bias ? plusBias(product, bias) : product;
}
