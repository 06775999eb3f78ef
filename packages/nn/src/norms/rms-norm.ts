/**
 * Root mean square normalization over the last axis (Zhang and Sennrich 2019, arXiv 1910.07467), without a mean or a bias.
 * Gradient in closed form: with n = x r, r = 1 / sqrt(mean(x^2) + epsilon) and g = dy gain, dx = r (g - n mean(g n)).
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { fusedKernel } from '../backend/fused-kernel.js';
import { withGradient } from '../gradient/custom-gradient.js';
import { sumRows } from '../gradient/sum-rows.js';

/** x [rows, width], gain [width] -> [rows, width]. */
export function rmsNorm(x: Tensor2D, gain: Tensor1D, epsilon: number): Tensor2D {
  const fused = fusedKernel('FusedRmsNorm');
  if (fused) {
    return withGradient<Tensor2D>([x, gain], (save) => {
      const [value, scale] = fused({ x, gain }, { epsilon }) as [Tensor2D, Tensor2D];
      save([x, gain, scale]);
      return {
        value,
        gradient: (dy, [x, gain, scale]) =>
          fusedKernel('FusedRmsNormGrad')!({ dy, x: x!, gain: gain!, scale: scale! }),
      };
    });
  }
  return withGradient<Tensor2D>([x, gain], (save) => {
    const scale = tf.rsqrt(tf.add(tf.mean(tf.square(x), 1, true), epsilon)); // [rows, 1]
    const normal: Tensor2D = tf.mul(x, scale);
    save([normal, scale, gain]);
    return {
      value: tf.mul(normal, gain),
      gradient: (dy, [normal, scale, gain]) => {
        const dNormal = tf.mul(dy, gain!); // [rows, width]
        const along = tf.mean(tf.mul(dNormal, normal!), 1, true); // [rows, 1]
        const dx = tf.mul(tf.sub(dNormal, tf.mul(normal!, along)), scale!);
        return [dx, sumRows(tf.mul(dy, normal as Tensor2D))];
      },
    };
  });
}
