/**
 * AdamW (Loshchilov & Hutter 2019) with the arithmetic of torch.optim.AdamW, as a pure update of one parameter:
 *
 *   p <- p (1 - lr wd);  m <- b1 m + (1-b1) g;  v <- b2 v + (1-b2) g^2;  p <- p - lr/c1 * m / (sqrt(v/c2) + eps)
 *
 * with c1 = 1 - b1^t and c2 = 1 - b2^t. The bias corrections are folded into the step size and epsilon, and the
 * clip factor into the weights of g, so that a parameter costs thirteen kernels and everything that changes from
 * step to step is a scalar tensor: a backend may compile the update once.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { fusedKernel } from './fused-kernel.js';

/** The constants of AdamW; they are part of the program, not inputs of it. */
export interface AdamWOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** `matrices`: only parameters of rank 2 and more decay (nanoGPT's rule). `all`: every one (torch's default). */
  readonly decay: 'matrices' | 'all';
}

export interface AdamWState<T = Tensor> {
  readonly parameter: T;
  /** Running mean of the gradient. */
  readonly m: T;
  /** Running mean of its square. */
  readonly v: T;
}

/** What changes from step to step; `T` is number on the host and Scalar in the program. */
export interface AdamWScalars<T = Scalar> {
  /** lr sqrt(c2) / c1. */
  readonly stepSize: T;
  /** eps sqrt(c2). */
  readonly epsilon: T;
  /** 1 - lr wd; absent where the parameter does not decay. */
  readonly keep?: T;
  /** (1 - b1) times the clip factor. */
  readonly meanWeight: T;
  /** (1 - b2) times the square of the clip factor. */
  readonly squareWeight: T;
}

/** Whether a parameter of this shape decays. */
export function decays(shape: readonly number[], options: AdamWOptions): boolean {
  return options.weightDecay > 0 && (options.decay === 'all' || shape.length >= 2);
}

/**
 * The scalars of a parameter's `count`-th update (from 1), without clipping. The count is the parameter's own:
 * a block whose moments were reset starts its bias correction again.
 */
export function adamWScalars(
  learningRate: number,
  count: number,
  options: AdamWOptions,
): Required<AdamWScalars<number>> {
  const correction = Math.sqrt(1 - options.beta2 ** count);
  return {
    stepSize: (learningRate * correction) / (1 - options.beta1 ** count),
    epsilon: options.epsilon * correction,
    keep: 1 - learningRate * options.weightDecay,
    meanWeight: 1 - options.beta1,
    squareWeight: 1 - options.beta2,
  };
}

/**
 * One update. Pure: the inputs stay as they are, the outputs are new tensors of the parameter's shape that the
 * caller owns.
 *
 * @param group parameters of one group may be updated by one compiled graph
 */
export function adamW(
  state: AdamWState,
  gradient: Tensor,
  scalars: AdamWScalars,
  options: Pick<AdamWOptions, 'beta1' | 'beta2'>,
  group?: string,
): AdamWState {
  const fused = fusedKernel('FusedAdamW');
  if (fused) {
    const { beta1, beta2 } = options;
    const attributes = { beta1, beta2, ...(group === undefined ? {} : { group }) };
    const [parameter, m, v] = fused({ ...state, gradient, ...scalars }, attributes) as [
      Tensor,
      Tensor,
      Tensor,
    ];
    return { parameter, m, v };
  }
  return tf.tidy(() => {
    const m = tf.add(tf.mul(state.m, options.beta1), tf.mul(gradient, scalars.meanWeight));
    const v = tf.add(tf.mul(state.v, options.beta2), tf.mul(tf.square(gradient), scalars.squareWeight));
    const direction = tf.div(m, tf.add(tf.sqrt(v), scalars.epsilon));
    const kept = scalars.keep ? tf.mul(state.parameter, scalars.keep) : state.parameter;
    return { parameter: tf.sub(kept, tf.mul(direction, scalars.stepSize)), m, v };
  });
}
