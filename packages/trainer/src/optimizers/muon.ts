/**
 * Muon (Jordan et al. 2024) with the arithmetic of torch.optim.Muon, for the matrices of the layers:
 *
 *   b <- momentum b + (1 - momentum) g;  u = nesterov ? momentum b + (1 - momentum) g : b
 *   p <- p (1 - lr wd) - lr scale orthogonalize(u)
 *
 * AdamW for everything else: embeddings and heads, whose rows are looked up one by one, and vectors. A packed matrix,
 * such as GPT-2's queries, keys and values, is one matrix.
 */
import type { Optimizer, ParameterSpec, UpdateInput, UpdateOutput } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { adamW, adamWOptionsSchema } from './adamw.js';
import { orthogonalize } from './orthogonalize.js';
import { parseOptions } from './parse-options.js';

const restSchema = adamWOptionsSchema
  .extend({
    learningRate: z.number().positive().max(1000).default(1).describe('factor on the learning rate'),
  })
  .describe('AdamW, for what is no matrix of a layer');

export const muonOptionsSchema = z.strictObject({
  momentum: z
    .number()
    .min(0)
    .lt(1)
    .default(0.95)
    .describe('share of the running mean of gradients that stays'),
  nesterov: z.boolean().default(true).describe('look ahead along the running mean'),
  weightDecay: z.number().min(0).max(10).default(0.1).describe('decoupled weight decay of the matrices'),
  iterations: z.number().int().min(1).max(99).default(5).describe('Newton-Schulz iterations'),
  scale: z
    .enum(['match-rms-adamw', 'original'])
    .default('match-rms-adamw')
    .describe(
      "size of an update: as large as AdamW's at the same learning rate, or Jordan's, which takes one of about 0.02",
    ),
  adamw: restSchema.prefault({}),
});

export type MuonOptions = z.output<typeof muonOptionsSchema>;
export type MuonOptionsInput = z.input<typeof muonOptionsSchema>;

/**
 * Slot `momentum` for matrices of layers, `m` and `v` for the rest.
 *
 * @throws InputError (`options-invalid`)
 */
export function createMuon(options: MuonOptionsInput = {}): Required<Optimizer> {
  const parsed = parseOptions('muon', muonOptionsSchema, options);
  const { learningRate: factor, ...others } = parsed.adamw;
  const rest = adamW(others);
  return {
    name: 'muon',
    slots: (spec) => (isHiddenMatrix(spec) ? ['momentum'] : rest.slots(spec)),
    scalars(learningRate, count, spec) {
      if (!isHiddenMatrix(spec)) return rest.scalars(learningRate * factor, count, spec);
      return { stepSize: learningRate * scaleOf(spec, parsed.scale) };
    },
    common: (learningRate) => ({
      ...rest.common(learningRate * factor),
      matrixKeep: 1 - learningRate * parsed.weightDecay,
    }),
    shared: (clip, common) => ({
      ...rest.shared(clip, common),
      matrixKeep: common['matrixKeep'] as Scalar,
      gradientWeight: tf.mul(1 - parsed.momentum, clip) as Scalar,
    }),
    update: (input) => (isHiddenMatrix(input.spec) ? update(input, parsed) : rest.update(input)),
  };
}

const isHiddenMatrix = ({ sharing, shape }: ParameterSpec): boolean =>
  sharing !== 'global' && shape.length === 2;

/** torch's `adjust_lr_fn`, which is written for matrices of [outputs, inputs]. */
function scaleOf({ shape, rows = 'inputs' }: ParameterSpec, scale: MuonOptions['scale']): number {
  const [first, second] = shape as [number, number];
  if (scale === 'match-rms-adamw') return 0.2 * Math.sqrt(Math.max(first, second));
  return Math.sqrt(Math.max(1, rows === 'inputs' ? second / first : first / second));
}

function update(input: UpdateInput, options: MuonOptions): UpdateOutput {
  const { momentum, nesterov, iterations } = options;
  const { parameter, gradient, slots, spec } = input;
  const { stepSize } = input.scalars as { stepSize: Scalar };
  const { gradientWeight, matrixKeep } = input.shared as Record<'gradientWeight' | 'matrixKeep', Scalar>;
  const decays = options.weightDecay > 0 && (spec.decay ?? true);
  return tf.tidy(() => {
    const weighted = tf.mul(gradient, gradientWeight);
    const mean = tf.add(tf.mul(slots['momentum'] as Tensor, momentum), weighted);
    const ahead = nesterov ? tf.add(tf.mul(mean, momentum), weighted) : mean;
    const direction = orthogonalize(ahead as Tensor2D, iterations);
    const kept = decays ? tf.mul(parameter, matrixKeep) : parameter;
    return { parameter: tf.sub(kept, tf.mul(direction, stepSize)), slots: { momentum: mean } };
  });
}
