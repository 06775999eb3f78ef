/**
 * Stochastic gradient descent with momentum, with the arithmetic of torch.optim.SGD without dampening:
 *
 *   g <- g + wd p;  b <- momentum b + g;  p <- p - lr (nesterov ? g + momentum b : b)
 *
 * The buffer begins at zero, so that after the first update it is the gradient, as torch has it.
 */
import type { Optimizer, ParameterSpec, UpdateInput, UpdateOutput } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { parseOptions } from './parse-options.js';

export const sgdOptionsSchema = z
  .strictObject({
    momentum: z
      .number()
      .min(0)
      .lt(1)
      .default(0.9)
      .describe('share of the running sum that stays; 0: none is kept'),
    nesterov: z.boolean().default(false).describe('look ahead along the running sum'),
    weightDecay: z.number().min(0).max(10).default(0).describe('weight decay, added to the gradient'),
  })
  .refine(({ momentum, nesterov }) => momentum > 0 || !nesterov, {
    message: 'has no meaning without momentum',
    path: ['nesterov'],
  });

export type SgdOptions = z.output<typeof sgdOptionsSchema>;
export type SgdOptionsInput = z.input<typeof sgdOptionsSchema>;

/**
 * Slot `momentum`, or none without momentum. Every parameter decays unless it says otherwise, as in torch.
 *
 * @throws InputError (`options-invalid`)
 */
export function createSgd(options: SgdOptionsInput = {}): Optimizer {
  const parsed = parseOptions('sgd', sgdOptionsSchema, options);
  return {
    name: 'sgd',
    slots: () => (parsed.momentum > 0 ? ['momentum'] : []),
    scalars: (learningRate) => ({ stepSize: learningRate }),
    update: (input) => update(input, parsed),
  };
}

function update(input: UpdateInput, options: SgdOptions): UpdateOutput {
  const { momentum, nesterov } = options;
  const { parameter, slots, spec } = input;
  const { stepSize } = input.scalars as { stepSize: Scalar };
  const { clip } = input.shared as { clip: Scalar };
  return tf.tidy(() => {
    const clipped = tf.mul(input.gradient, clip);
    const gradient = decays(spec, options)
      ? tf.add(clipped, tf.mul(parameter, options.weightDecay))
      : clipped;
    const moved = (direction: Tensor): Tensor => tf.sub(parameter, tf.mul(direction, stepSize));
    if (momentum === 0) return { parameter: moved(gradient), slots: {} };
    const sum = tf.add(tf.mul(slots['momentum'] as Tensor, momentum), gradient);
    const direction = nesterov ? tf.add(gradient, tf.mul(sum, momentum)) : sum;
    return { parameter: moved(direction), slots: { momentum: sum } };
  });
}

const decays = ({ decay = true }: ParameterSpec, { weightDecay }: SgdOptions): boolean =>
  weightDecay > 0 && decay;
