/** The complete sets of options, side by side; docs/controllers/q-learning.md explains each difference. */
import type { InitialMap } from '@ligature/core';

export interface QLearningOptions {
  /** Whose values stand where nothing else is written. */
  readonly preset: PresetName;
  readonly hidden: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly gamma: number;
  readonly epsilon: {
    readonly by: 'progress' | 'sweep';
    readonly start: number;
    readonly decay: number;
    readonly floor: number;
  };
  readonly until: number | null;
  readonly blocks: number | null;
  readonly replay: { readonly capacity: number; readonly batch: number } | null;
  readonly targetNetwork: { readonly every: number } | null;
  readonly doubleQ: boolean;
  readonly decide: 'layer' | 'all';
  readonly bootstrap: 'next-layer' | 'same-layer';
  readonly terminal: 'never' | 'sweep';
  readonly initial: InitialMap;
  readonly stateEncoding: 'normalised' | 'raw';
  readonly progress: boolean;
  readonly outputLayer: 'zero' | 'random';
  readonly symmetry: 'collapse' | 'none';
  readonly head: 'compact' | 'official';
  readonly standardize: { readonly decay: number } | null;
  readonly rewardClip: number | null;
}

export type PresetName = 'clean' | 'paper' | 'official' | 'first';

/** What a person writes: every option may be left out. */
export type QLearningOptionsInput = Partial<
  Omit<QLearningOptions, 'epsilon' | 'replay' | 'targetNetwork' | 'standardize'> & {
    readonly epsilon: Partial<QLearningOptions['epsilon']>;
    readonly replay: Partial<NonNullable<QLearningOptions['replay']>> | null;
    readonly targetNetwork: Partial<NonNullable<QLearningOptions['targetNetwork']>> | null;
    readonly standardize: Partial<NonNullable<QLearningOptions['standardize']>> | null;
  }
>;

/** The repaired learner: the defaults of `q-learning`. What each repair is for is in docs/decisions/0033. */
export const cleanOptions: QLearningOptions = Object.freeze({
  preset: 'clean',
  hidden: 128,
  learningRate: 1e-3,
  weightDecay: 0.01,
  gamma: 0.5,
  epsilon: Object.freeze({ by: 'progress', start: 1, decay: 0.5, floor: 0.05 }),
  until: 0.5,
  blocks: null,
  replay: Object.freeze({ capacity: 1000, batch: 32 }),
  targetNetwork: null,
  doubleQ: false,
  decide: 'layer',
  bootstrap: 'next-layer',
  terminal: 'never',
  initial: 'profile',
  stateEncoding: 'normalised',
  progress: true,
  outputLayer: 'zero',
  symmetry: 'collapse',
  head: 'compact',
  standardize: Object.freeze({ decay: 0.95 }),
  rewardClip: null,
});

/**
 * The paper's published hyper-parameters (Hay & Wolf 2024: one online step a decision, discount 0.99, epsilon times 0.95
 * an episode) under clean definitions: whose slice is bootstrapped from, what the state holds, which actions are one.
 */
export const paperOptions: QLearningOptions = Object.freeze({
  ...cleanOptions,
  preset: 'paper',
  gamma: 0.99,
  epsilon: Object.freeze({ by: 'sweep', start: 1, decay: 0.95, floor: 0.01 }),
  until: null,
  replay: null,
  progress: false,
  outputLayer: 'random',
  standardize: null,
});

/**
 * The official code's learner (tamirdh/Dynamic-Layer-Tying f1f1529, dqn_trainer.py:45-96, 198-215): the defaults of
 * `q-learning-official`. It belongs with the `official` profile of weight-sharing and the reward `negative-perplexity`.
 */
export const officialOptions: QLearningOptions = Object.freeze({
  ...paperOptions,
  preset: 'official',
  bootstrap: 'same-layer',
  stateEncoding: 'raw',
  symmetry: 'none',
  head: 'official',
  rewardClip: 10,
});

/** The defaults of the first versions, which are no repair and not quite the paper: runs that they saved go on with them. */
export const firstOptions: QLearningOptions = Object.freeze({
  ...paperOptions,
  preset: 'first',
  epsilon: Object.freeze({ by: 'sweep', start: 1, decay: 0.5, floor: 0.05 }),
});

export const PRESETS: Readonly<Record<PresetName, QLearningOptions>> = Object.freeze({
  clean: cleanOptions,
  paper: paperOptions,
  official: officialOptions,
  first: firstOptions,
});
