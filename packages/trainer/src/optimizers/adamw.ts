/**
 * AdamW (Loshchilov & Hutter 2019) with the arithmetic of torch.optim.AdamW:
 *
 *   p <- p (1 - lr wd);  m <- b1 m + (1-b1) g;  v <- b2 v + (1-b2) g^2;  p <- p - lr/c1 * m / (sqrt(v/c2) + eps)
 *
 * with c1 = 1 - b1^t and c2 = 1 - b2^t. The bias corrections are folded into the step size and epsilon, and the
 * clip factor into the weights of g, so that a parameter costs thirteen kernels and everything that changes from
 * step to step is a scalar tensor: a backend may compile the update once.
 */
import type { Optimizer, ParameterSpec, UpdateInput, UpdateOutput } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { fusedKernel } from '@ligature/nn';
import { parseOptions } from './parse-options.js';

export const adamWOptionsSchema = z.strictObject({
  weightDecay: z.number().min(0).max(10).default(0.01).describe('decoupled weight decay'),
  decay: z.enum(['matrices', 'all']).default('matrices').describe('what decays: matrices, or every tensor'),
  beta1: z.number().min(0).lt(1).default(0.9).describe('share of the running mean of gradients that stays'),
  beta2: z.number().min(0).lt(1).default(0.99).describe('the same for their squares'),
  epsilon: z.number().positive().default(1e-8).describe('added to the root of the mean square'),
});

export type AdamWOptions = z.output<typeof adamWOptionsSchema>;
export type AdamWOptionsInput = z.input<typeof adamWOptionsSchema>;

/**
 * Slots `m` and `v`, the running means of a gradient and of its square.
 *
 * @throws InputError (`options-invalid`)
 */
export function createAdamW(options: AdamWOptionsInput = {}): Required<Optimizer> {
  return adamW(parseOptions('adamw', adamWOptionsSchema, options));
}

/** Of options that were checked. */
export function adamW(options: AdamWOptions): Required<Optimizer> {
  const { beta1, beta2, epsilon, weightDecay } = options;
  return {
    name: 'adamw',
    slots: () => ['m', 'v'],
    scalars(learningRate, count) {
      const correction = Math.sqrt(1 - beta2 ** count);
      return {
        // lr sqrt(c2) / c1 and eps sqrt(c2)
        stepSize: (learningRate * correction) / (1 - beta1 ** count),
        epsilon: epsilon * correction,
      };
    },
    common: (learningRate) => ({ keep: 1 - learningRate * weightDecay }),
    shared: (clip, { keep }) =>
      tf.tidy(() => ({
        meanWeight: tf.mul(1 - beta1, clip) as Scalar,
        squareWeight: tf.mul(1 - beta2, tf.square(clip)) as Scalar,
        keep: keep as Scalar,
      })),
    update: (input) => update(input, options),
  };
}

/** What a parameter says of itself goes before the rule: nanoGPT's of matrices only, or torch's of every one. */
function decays({ decay, shape }: ParameterSpec, options: AdamWOptions): boolean {
  return options.weightDecay > 0 && (decay ?? (options.decay === 'all' || shape.length >= 2));
}

function update(input: UpdateInput, options: AdamWOptions): UpdateOutput {
  const { beta1, beta2 } = options;
  const { parameter, gradient, group } = input;
  const { m, v } = input.slots as { m: Tensor; v: Tensor };
  const { stepSize, epsilon } = input.scalars as Record<'stepSize' | 'epsilon', Scalar>;
  const { meanWeight, squareWeight, keep } = input.shared as Record<
    'meanWeight' | 'squareWeight' | 'keep',
    Scalar
  >;
  const decaying = decays(input.spec, options);
  const fused = fusedKernel('FusedAdamW');
  if (fused) {
    const numbers = { stepSize, epsilon, meanWeight, squareWeight, ...(decaying ? { keep } : {}) };
    const attributes = { beta1, beta2, ...(group === undefined ? {} : { group }) };
    const outputs = fused({ parameter, m, v, gradient, ...numbers }, attributes);
    const [next, mean, square] = outputs as [Tensor, Tensor, Tensor];
    return { parameter: next, slots: { m: mean, v: square } };
  }
  return tf.tidy(() => {
    const mean = tf.add(tf.mul(m, beta1), tf.mul(gradient, meanWeight));
    const square = tf.add(tf.mul(v, beta2), tf.mul(tf.square(gradient), squareWeight));
    const direction = tf.div(mean, tf.add(tf.sqrt(square), epsilon));
    const kept = decaying ? tf.mul(parameter, keep) : parameter;
    return { parameter: tf.sub(kept, tf.mul(direction, stepSize)), slots: { m: mean, v: square } };
  });
}
