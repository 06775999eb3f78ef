/** What a model reads where it asks for an adapted matrix. */
import type { ParameterView } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { Pair } from './pairs.js';

/** The sums are new tensors in the caller's tidy scope. */
export function loraView(
  inner: ParameterView,
  pairs: ReadonlyMap<string, Pair>,
  scale: number,
): ParameterView {
  return {
    global: (name) => inner.global(name),
    block(layer, name) {
      const weight = inner.block(layer, name);
      const pair = pairs.get(name);
      if (!pair) return weight;
      const [a, b] = [inner.block(layer, pair.a.name), inner.block(layer, pair.b.name)];
      return lowRankSum(weight, a, b, scale);
    },
  };
}

/**
 * w + a (scale b). Its gradient is written out, because tfjs-core brings none in Node; that of `w` is the incoming one,
 * so that a frozen `w` costs nothing here.
 */
function lowRankSum(w: Tensor, a: Tensor, b: Tensor, scale: number): Tensor {
  const sum = tf.customGrad((...inputs) => {
    const save = inputs.pop() as unknown as tf.GradSaveFunc;
    const [weight, left, right] = inputs as [Tensor, Tensor2D, Tensor2D];
    save([left, right]);
    return {
      value: tf.tidy(() => tf.add(weight, tf.matMul(left, tf.mul(right, scale)))),
      gradFunc: (dy: Tensor, saved: Tensor[]) =>
        tf.tidy(() => {
          const [savedLeft, savedRight] = saved as [Tensor2D, Tensor2D];
          const gradient = dy as Tensor2D;
          return [
            tf.clone(gradient),
            tf.mul(tf.matMul(gradient, savedRight, false, true), scale),
            tf.mul(tf.matMul(savedLeft, gradient, true, false), scale),
          ];
        }),
    };
  });
  return sum(w, a, b);
}
