/**
 * The gradient of matrix products. In Node `@tensorflow/tfjs-core` comes without any gradient (only the union
 * package `@tensorflow/tfjs` registers them), so this package brings the one that it needs; every other op here
 * has its own. Being registered and not a custom gradient, it is evaluated for each operand alone: the weight
 * gradient of a frozen block, a third of that block's work, is never computed.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';

const matMulGradient: GradConfig = {
  kernelName: tf.BatchMatMul,
  inputsToSave: ['a', 'b'],
  gradFunc: (dy, [a, b], attributes) => {
    const { transposeA, transposeB } = attributes as unknown as tf.BatchMatMulAttrs;
    const [y, left, right] = [dy as Tensor, a!, b!];
    if (!transposeA && !transposeB) {
      return { a: () => tf.matMul(y, right, false, true), b: () => tf.matMul(left, y, true, false) };
    }
    if (!transposeA && transposeB) {
      return { a: () => tf.matMul(y, right, false, false), b: () => tf.matMul(y, left, true, false) };
    }
    if (transposeA && !transposeB) {
      return { a: () => tf.matMul(right, y, false, true), b: () => tf.matMul(left, y, false, false) };
    }
    return { a: () => tf.matMul(right, y, true, true), b: () => tf.matMul(y, left, true, true) };
  },
};

/** Registers it with tfjs unless some gradient of matrix products is registered already. */
export function registerMatMulGradient(): void {
  if (!tf.getGradient(tf.BatchMatMul)) tf.registerGradient(matMulGradient);
}
