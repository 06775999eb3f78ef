/** Schemas of the learner's options, one for each preset: the same ranges and descriptions, other defaults. */
import { initialMapSchema } from '@ligature/core';
import { z } from 'zod';
import { cleanOptions, officialOptions } from './presets.js';
import type { QLearningOptions } from './presets.js';

const epsilonSchema = ({ start, decay, floor }: QLearningOptions['epsilon']) =>
  z
    .strictObject({
      start: z.number().min(0).max(1).default(start).describe('in the first sweep'),
      decay: z.number().positive().max(1).default(decay).describe('factor after each sweep of L-1 windows'),
      floor: z.number().min(0).max(1).default(floor).describe('never below'),
    })
    .prefault({})
    .describe('probability of a random action: max(floor, start * decay^sweep)');

const replaySchema = z
  .strictObject({
    capacity: z.number().int().min(1).max(100_000).default(1000).describe('transitions kept'),
    batch: z
      .number()
      .int()
      .min(1)
      .max(4096)
      .default(32)
      .describe('transitions per update, the newest included'),
  })
  .nullable();

const targetNetworkSchema = z
  .strictObject({
    every: z.number().int().min(1).max(1_000_000).default(20).describe('updates between copies'),
  })
  .nullable();

const schema = (preset: QLearningOptions) =>
  z
    .strictObject({
      hidden: z.number().int().min(1).max(8192).default(preset.hidden).describe('units of the hidden layer'),
      learningRate: z.number().positive().max(1).default(preset.learningRate).describe('of AdamW'),
      weightDecay: z.number().min(0).max(1).default(preset.weightDecay).describe('decoupled, of AdamW'),
      gamma: z.number().min(0).lt(1).default(preset.gamma).describe('discount of the next decision'),
      epsilon: epsilonSchema(preset.epsilon),
      replay: replaySchema
        .default(preset.replay)
        .describe('replay buffer; null: learn once from each transition'),
      targetNetwork: targetNetworkSchema
        .default(preset.targetNetwork)
        .describe('a delayed copy of the network gives the bootstrap; null: the network itself'),
      doubleQ: z
        .boolean()
        .default(preset.doubleQ)
        .describe('the network chooses the next action, the target network values it; needs targetNetwork'),
      decide: z
        .enum(['layer', 'all'])
        .default(preset.decide)
        .describe('one layer a window in turn, or every layer in every window'),
      bootstrap: z
        .enum(['next-layer', 'same-layer'])
        .default(preset.bootstrap)
        .describe(
          'whose best next value is added: the layer that decides next, or the same layer (official)',
        ),
      terminal: z
        .enum(['never', 'sweep'])
        .default(preset.terminal)
        .describe('never: tying goes on for ever; sweep: the last window of a sweep has no next value'),
      initial: initialMapSchema,
      stateEncoding: z
        .enum(['normalised', 'raw'])
        .default(preset.stateEncoding)
        .describe('state[i] / (L-1), or the plain integers (official)'),
      symmetry: z
        .enum(['collapse', 'none'])
        .default(preset.symmetry)
        .describe(
          'collapse: sources that share one block are one action; none: each source is its own (official)',
        ),
      head: z
        .enum(['compact', 'official'])
        .default(preset.head)
        .describe('outputs for layers 1..L-1, or L(L+1)/2 with a dead one for layer 0 (official)'),
      rewardClip: z
        .number()
        .positive()
        .nullable()
        .default(preset.rewardClip)
        .describe('rewards are clipped to plus or minus this; null: taken as they come'),
    })
    .refine((options) => !options.doubleQ || options.targetNetwork !== null, {
      message: 'needs a target network: set targetNetwork too',
      path: ['doubleQ'],
    });

/** Everything that `createQLearning` takes; the defaults are `cleanOptions`. */
export const qLearningOptionsSchema = schema(cleanOptions);
/** The same options; the defaults are `officialOptions`. */
export const officialOptionsSchema = schema(officialOptions);
