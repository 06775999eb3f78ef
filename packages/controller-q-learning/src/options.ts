/**
 * Options of the learner. The defaults are the clean definitions; `officialOptions` is the official code
 * (tamirdh/Dynamic-Layer-Tying, dqn_trainer.py). docs/controllers/q-learning.md lists both values side by side.
 */
import { z } from 'zod';
import { initialMapSchema } from './initial-map.js';

const epsilonSchema = z
  .strictObject({
    start: z.number().min(0).max(1).default(1).describe('in the first sweep'),
    decay: z
      .number()
      .positive()
      .max(1)
      .default(0.5)
      .describe('factor after each sweep (L-1 windows); 0.5 suits 3 to 10 sweeps'),
    floor: z.number().min(0).max(1).default(0.05).describe('never below'),
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
  .nullable()
  .default(null)
  .describe('replay buffer; null: learn once from each transition');

const targetNetworkSchema = z
  .strictObject({
    every: z.number().int().min(1).max(1_000_000).default(20).describe('updates between copies'),
  })
  .nullable()
  .default(null)
  .describe('a delayed copy of the network gives the bootstrap; null: the network itself');

/** Everything that `createQLearning` takes; each option has a default. */
export const qLearningOptionsSchema = z
  .strictObject({
    hidden: z.number().int().min(1).max(8192).default(128).describe('units of the hidden layer'),
    learningRate: z.number().positive().max(1).default(1e-3).describe('of AdamW'),
    weightDecay: z.number().min(0).max(1).default(0.01).describe('decoupled, of AdamW'),
    gamma: z.number().min(0).lt(1).default(0.99).describe('discount of the next decision'),
    epsilon: epsilonSchema,
    replay: replaySchema,
    targetNetwork: targetNetworkSchema,
    doubleQ: z
      .boolean()
      .default(false)
      .describe('the network chooses the next action, the target network values it; needs targetNetwork'),
    decide: z
      .enum(['layer', 'all'])
      .default('layer')
      .describe('one layer a window in turn, or every layer in every window'),
    bootstrap: z
      .enum(['next-layer', 'same-layer'])
      .default('next-layer')
      .describe('whose best next value is added: the layer that decides next, or the same layer (official)'),
    terminal: z
      .enum(['never', 'sweep'])
      .default('never')
      .describe('never: tying goes on for ever; sweep: the last window of a sweep has no next value'),
    initial: initialMapSchema,
    stateEncoding: z
      .enum(['normalised', 'raw'])
      .default('normalised')
      .describe('state[i] / (L-1), or the plain integers (official)'),
    symmetry: z
      .enum(['collapse', 'none'])
      .default('collapse')
      .describe(
        'collapse: sources that share one block are one action; none: each source is its own (official)',
      ),
    head: z
      .enum(['compact', 'official'])
      .default('compact')
      .describe('outputs for layers 1..L-1, or L(L+1)/2 with a dead one for layer 0 (official)'),
    rewardClip: z
      .number()
      .positive()
      .nullable()
      .default(null)
      .describe('rewards are clipped to plus or minus this; null: taken as they come'),
  })
  .refine((options) => !options.doubleQ || options.targetNetwork !== null, {
    message: 'needs a target network: set targetNetwork too',
    path: ['doubleQ'],
  });

export type QLearningOptions = z.output<typeof qLearningOptionsSchema>;
/** What a person writes: every option may be left out. */
export type QLearningOptionsInput = z.input<typeof qLearningOptionsSchema>;

/**
 * The official code's learner, every value written out (dqn_trainer.py:45-96, 198-215). It belongs with
 * the `official` profile of weight-sharing, whose state vector starts as all zeros whatever the weights are.
 */
export const officialOptions: QLearningOptions = Object.freeze({
  hidden: 128,
  learningRate: 1e-3,
  weightDecay: 0.01,
  gamma: 0.99,
  epsilon: Object.freeze({ start: 1, decay: 0.95, floor: 0.01 }),
  replay: null,
  targetNetwork: null,
  doubleQ: false,
  decide: 'layer',
  bootstrap: 'same-layer',
  terminal: 'never',
  initial: 'all-tied',
  stateEncoding: 'raw',
  symmetry: 'none',
  head: 'official',
  rewardClip: 10,
});
