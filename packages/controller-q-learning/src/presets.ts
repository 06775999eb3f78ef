/** The two complete sets of options, side by side; docs/controllers/q-learning.md explains each difference. */
import type { InitialMap } from '@ligature/core';

export interface QLearningOptions {
  readonly hidden: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly gamma: number;
  readonly epsilon: { readonly start: number; readonly decay: number; readonly floor: number };
  readonly replay: { readonly capacity: number; readonly batch: number } | null;
  readonly targetNetwork: { readonly every: number } | null;
  readonly doubleQ: boolean;
  readonly decide: 'layer' | 'all';
  readonly bootstrap: 'next-layer' | 'same-layer';
  readonly terminal: 'never' | 'sweep';
  readonly initial: InitialMap;
  readonly stateEncoding: 'normalised' | 'raw';
  readonly symmetry: 'collapse' | 'none';
  readonly head: 'compact' | 'official';
  readonly rewardClip: number | null;
}

/** What a person writes: every option may be left out. */
export type QLearningOptionsInput = Partial<
  Omit<QLearningOptions, 'epsilon' | 'replay' | 'targetNetwork'> & {
    readonly epsilon: Partial<QLearningOptions['epsilon']>;
    readonly replay: Partial<NonNullable<QLearningOptions['replay']>> | null;
    readonly targetNetwork: Partial<NonNullable<QLearningOptions['targetNetwork']>> | null;
  }
>;

/** The clean definitions: the defaults of `q-learning`. */
export const cleanOptions: QLearningOptions = Object.freeze({
  hidden: 128,
  learningRate: 1e-3,
  weightDecay: 0.01,
  gamma: 0.99,
  // Runs of 20 to 60 windows on 8 layers are 3 to 9 sweeps: random at first, mostly greedy from the third sweep on.
  epsilon: Object.freeze({ start: 1, decay: 0.5, floor: 0.05 }),
  replay: null,
  targetNetwork: null,
  doubleQ: false,
  decide: 'layer',
  bootstrap: 'next-layer',
  terminal: 'never',
  initial: 'profile',
  stateEncoding: 'normalised',
  symmetry: 'collapse',
  head: 'compact',
  rewardClip: null,
});

/**
 * The official code's learner (tamirdh/Dynamic-Layer-Tying f1f1529, dqn_trainer.py:45-96, 198-215): the defaults of
 * `q-learning-official`. It belongs with the `official` profile of weight-sharing and the reward `negative-perplexity`.
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
  initial: 'profile',
  stateEncoding: 'raw',
  symmetry: 'none',
  head: 'official',
  rewardClip: 10,
});
