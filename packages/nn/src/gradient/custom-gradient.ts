/**
 * `tf.customGrad` with types. An op written this way is one node on the tape: only what it saves stays in
 * memory until the backward pass, and its gradient is the closed form instead of one small kernel for each
 * kernel of the forward pass.
 *
 * The closed form computes the gradients of all inputs, also of those that nobody asked for. So products with
 * weights stay plain `tf.matMul` calls: their weight gradient, a third of a layer's work, must be skipped for
 * a frozen block.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

export interface ForwardResult<T extends Tensor> {
  readonly value: T;
  /** (gradient of the value, what was saved, in order) -> gradients of the inputs, in order. */
  gradient(dy: T, saved: Tensor[]): Tensor[];
}

/**
 * Runs an op with its own gradient. Second derivatives are not supported.
 *
 * @param inputs the tensors that a gradient flows into.
 * @param forward computes the value; `save` keeps tensors for the gradient, which must use no others.
 */
export function withGradient<T extends Tensor>(
  inputs: readonly Tensor[],
  forward: (save: (tensors: Tensor[]) => void) => ForwardResult<T>,
): T {
  const operation = tf.customGrad<T>((...args) => {
    const save = args[args.length - 1] as tf.GradSaveFunc;
    const { value, gradient } = forward(save);
    // tfjs tidies plain gradients but not custom ones: without this, what they compute on the way stays in
    // memory until the step ends, and doubles its peak.
    return { value, gradFunc: (dy: T, saved: Tensor[]) => tf.tidy(() => gradient(dy, saved)) };
  });
  return operation(...inputs);
}
