/** Operations with their gradients, for toys: tfjs-core registers none in Node. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';

type Gradients = (dy: Tensor2D, saved: Tensor2D[]) => Tensor[];

/**
 * An operation with its gradient.
 *
 * @param gradients gets the inputs and the constants; what is not saved is gone when the tape is played back
 */
export function op(
  inputs: readonly Tensor[],
  constants: readonly Tensor[],
  value: (...inputs: Tensor2D[]) => Tensor2D,
  gradients: Gradients,
): Tensor2D {
  const custom = tf.customGrad((...given) => {
    const save = given.pop() as unknown as tf.GradSaveFunc;
    const parts = given as unknown as Tensor2D[];
    save([...parts, ...constants]);
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] =>
      gradients(dy as Tensor2D, saved as Tensor2D[]);
    return { value: value(...parts), gradFunc };
  });
  return custom(...inputs) as Tensor2D;
}

export const product = (left: Tensor2D, right: Tensor): Tensor2D =>
  op(
    [left, right],
    [],
    (x, w) => tf.matMul(x, w),
    (dy, [x, w]) => [tf.matMul(dy, w!, false, true), tf.matMul(x!, dy, true, false)],
  );

/** `value` of a tensor, with a gradient of its own: a factor. */
export function withFactor<T extends Tensor>(tensor: T, value: (x: Tensor) => Tensor, factor: number): T {
  const custom = tf.customGrad((given) => ({
    value: value(given as Tensor),
    gradFunc: (dy: Tensor) => tf.mul(dy, factor),
  }));
  return custom(tensor) as T;
}
