/**
 * Both GELUs (Hendrycks and Gimpel 2016, arXiv 1606.08415), each with its gradient in closed form.
 *
 * `gelu_new`, GPT-2's tanh approximation: x (1 + tanh u) / 2 with u = sqrt(2/pi) (x + 0.044715 x^3). It is
 * computed as x sigmoid(2u), which is the same function; the WebAssembly backend has a vector kernel for the
 * sigmoid and only a scalar one for tanh.
 *
 * `gelu`, exact: x Phi(x) with the normal distribution function Phi, through erf (tfjs's own, 1.5e-7 accurate).
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { withGradient } from '../gradient/custom-gradient.js';
import { fusedKernel } from '../backend/fused-kernel.js';

export type Activation = 'gelu_new' | 'gelu';

/** 2u = x (LINEAR + CUBIC x^2), see above. */
const LINEAR = 2 * Math.sqrt(2 / Math.PI);
const CUBIC = LINEAR * 0.044715;

/** GELU of the kind asked for, elementwise. */
export function gelu<T extends Tensor>(x: T, kind: Activation): T {
  const fused = fusedKernel('FusedGelu');
  if (!fused) return kind === 'gelu_new' ? geluTanh(x) : geluExact(x);
  return withGradient<T>([x], (save) => {
    save([x]);
    return {
      value: fused({ x }, { kind })[0] as T,
      gradient: (dy, [x]) => fusedKernel('FusedGeluGrad')!({ dy, x: x! }, { kind }),
    };
  });
}

function geluTanh<T extends Tensor>(x: T): T {
  return withGradient<T>([x], (save) => {
    const gate = tf.sigmoid(tf.mul(x, tf.add(tf.mul(tf.square(x), CUBIC), LINEAR)));
    const value = tf.mul(x, gate) as T;
    save([x, gate, value]);
    return {
      value,
      // d(x s)/dx = s + x s (1 - s) (2u)', and (2u)' = LINEAR + 3 CUBIC x^2.
      gradient: (dy, [x, gate, value]) => {
        const slope = tf.add(tf.mul(tf.square(x!), 3 * CUBIC), LINEAR);
        const bend = tf.mul(tf.mul(value!, tf.sub(1, gate!)), slope);
        return [tf.mul(dy, tf.add(gate!, bend))];
      },
    };
  });
}

function geluExact<T extends Tensor>(x: T): T {
  return withGradient<T>([x], (save) => {
    const cumulative = tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5); // Phi(x)
    save([x, cumulative]);
    return {
      value: tf.mul(x, cumulative) as T,
      // d(x Phi)/dx = Phi + x phi, with the normal density phi.
      gradient: (dy, [x, cumulative]) => {
        const density = tf.mul(tf.exp(tf.mul(tf.square(x!), -0.5)), 1 / Math.sqrt(2 * Math.PI));
        return [tf.mul(dy, tf.add(cumulative!, tf.mul(x!, density)))];
      },
    };
  });
}
