import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import type { Projection } from '@ligature/core';
import { withGradient } from '../gradient/custom-gradient.js';
import { projectedOutputs } from './projected-outputs.js';

/** Mean of (output - target)², over all targets and outputs. @param targets [targets, outputs] float32 */
export function meanSquaredError(projection: Projection, targets: Tensor2D): Scalar {
  const outputs = projectedOutputs(projection);
  return withGradient<Scalar>([outputs], (save) => {
    const difference = tf.sub(outputs, targets);
    save([difference]);
    return {
      value: tf.mean(tf.square(difference)) as Scalar,
      gradient: (dy, [difference]) => [tf.mul(difference!, tf.mul(dy, 2 / outputs.size))],
    };
  });
}
