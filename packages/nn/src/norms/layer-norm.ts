/**
 * Layer normalization over the last axis (Ba, Kiros and Hinton 2016, arXiv 1607.06450), biased variance as in
 * GPT-2. Gradient in closed form: with n = (x - mean) * r, r = 1 / sqrt(var + epsilon) and g = dy * gain,
 * dx = r * (g - mean(g) - n * mean(g * n)).
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { withGradient } from '../gradient/custom-gradient.js';
import { fusedKernel } from '../backend/fused-kernel.js';
import { sumRows } from '../gradient/sum-rows.js';

/** x [rows, width], gain and bias [width] -> [rows, width]. */
export function layerNorm(x: Tensor2D, gain: Tensor1D, bias: Tensor1D, epsilon: number): Tensor2D {
  const fused = fusedKernel('FusedLayerNorm');
  if (fused) {
    return withGradient<Tensor2D>([x, gain, bias], (save) => {
      const [value, mean, scale] = fused({ x, gain, bias }, { epsilon }) as [Tensor2D, Tensor2D, Tensor2D];
      save([x, gain, mean, scale]);
      return {
        value,
        gradient: (dy, [x, gain, mean, scale]) =>
          fusedKernel('FusedLayerNormGrad')!({ dy, x: x!, gain: gain!, mean: mean!, scale: scale! }),
      };
    });
  }
  return withGradient<Tensor2D>([x, gain, bias], (save) => {
    const centred = tf.sub(x, tf.mean(x, 1, true));
    const scale = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), epsilon)); // [rows, 1]
    const normal = tf.mul(centred, scale);
    save([normal, scale, gain]);
    return {
      value: tf.add(tf.mul(normal, gain), bias),
      gradient: (dy, [normal, scale, gain]) => {
        const dNormal = tf.mul(dy, gain!); // [rows, width]
        const along = tf.mean(tf.mul(dNormal, normal!), 1, true); // [rows, 1]
        const rest = tf.sub(tf.sub(dNormal, tf.mean(dNormal, 1, true)), tf.mul(normal!, along));
        return [tf.mul(rest, scale!), sumRows(tf.mul(dy, normal as Tensor2D)), sumRows(dy)];
      },
    };
  });
}
