/**
 * Schemas of the learner's options. The option `preset` names a complete set of values that stands below what is
 * written; the schema of each entry shows the defaults of its own.
 */
import { initialMapSchema } from '@ligature/core';
import { z } from 'zod';
import { cleanOptions, officialOptions, PRESETS } from './presets.js';
import type { QLearningOptions } from './presets.js';

const epsilonSchema = ({ by, start, decay, floor }: QLearningOptions['epsilon']) =>
  z
    .strictObject({
      start: z.number().min(0).max(1).default(start).describe('in the first window'),
      decay: z
        .number()
        .positive()
        .max(1)
        .default(decay)
        .describe('factor after each sweep of L-1 windows, where it falls by sweeps'),
      floor: z.number().min(0).max(1).default(floor).describe('never below, as long as there is exploration'),
      by: z
        .enum(['progress', 'sweep'])
        .default(by)
        .describe(
          'progress: falls evenly from start to floor until exploration ends, or to the end of the budget; ' +
            'sweep: max(floor, start * decay^sweep)',
        ),
    })
    .prefault({})
    .describe('probability of a random action');

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

const standardizeSchema = z
  .strictObject({
    decay: z
      .number()
      .positive()
      .max(1)
      .default(0.95)
      .describe('weight of the windows before for each new one; 1: all windows weigh the same'),
  })
  .nullable();

const fields = (preset: QLearningOptions) =>
  z
    .strictObject({
      preset: z
        .enum(['clean', 'paper', 'official', 'first'])
        .default(preset.preset)
        .describe(
          'whose values stand where nothing is written: the repaired learner, the published hyper-parameters under ' +
            "clean definitions, the official code's, or the defaults of the first versions",
        ),
      hidden: z.number().int().min(1).max(8192).default(preset.hidden).describe('units of the hidden layer'),
      learningRate: z.number().positive().max(1).default(preset.learningRate).describe('of AdamW'),
      weightDecay: z.number().min(0).max(1).default(preset.weightDecay).describe('decoupled, of AdamW'),
      gamma: z.number().min(0).lt(1).default(preset.gamma).describe('discount of the next decision'),
      epsilon: epsilonSchema(preset.epsilon),
      until: z
        .number()
        .min(0)
        .max(1)
        .nullable()
        .default(preset.until)
        .describe(
          'share of the budget after which the greedy map is taken and kept; null: it decides to the end',
        ),
      blocks: z
        .number()
        .int()
        .min(1)
        .nullable()
        .default(preset.blocks)
        .describe('the map that is kept has exactly so many blocks; null: as many as the values say'),
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
      progress: z
        .boolean()
        .default(preset.progress)
        .describe('whether the network also reads which share of the budget is spent'),
      outputLayer: z
        .enum(['zero', 'random'])
        .default(preset.outputLayer)
        .describe(
          "the output layer at first: zeros, so that no action is liked before it was tried, or PyTorch's",
        ),
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
      standardize: standardizeSchema
        .default(preset.standardize)
        .describe('rewards minus their running mean, in running standard deviations; null: as they come'),
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
    })
    .refine((options) => options.blocks === null || options.until !== null, {
      message: 'is of the map that is kept at the end: set until too',
      path: ['blocks'],
    });

/** Puts the values of the named preset below what is written, also inside of `epsilon`. */
function withPreset(written: unknown): unknown {
  if (typeof written !== 'object' || written === null || Array.isArray(written)) return written;
  const given = written as Readonly<Record<string, unknown>>;
  const name = given['preset'];
  if (typeof name !== 'string' || !Object.hasOwn(PRESETS, name)) return written;
  const preset = PRESETS[name as keyof typeof PRESETS];
  const { epsilon } = given;
  const isPart = typeof epsilon === 'object' && epsilon !== null;
  return { ...preset, ...given, ...(isPart && { epsilon: { ...preset.epsilon, ...epsilon } }) };
}

const schema = (preset: QLearningOptions) => z.preprocess(withPreset, fields(preset));

/** Everything that `createQLearning` takes; the defaults are `cleanOptions`. */
export const qLearningOptionsSchema = schema(cleanOptions);
/** The same options; the defaults are `officialOptions`. */
export const officialOptionsSchema = schema(officialOptions);
