/** What the trainer is told, and the tokens by which a container tells it. */
import { createToken } from '@ligature/core';
import type { Metrics, RunConfig, SplitName } from '@ligature/core';
import type { AdamWOptions } from './adamw.js';
import type { Schedule } from './schedule.js';

/** The training part of a run's configuration (see core's `trainingSchema` for ranges) and what surrounds it. */
export interface TrainerOptions extends Omit<RunConfig['training'], 'batch' | 'chunking' | 'budget'> {
  /** What is spent instead of `steps`; of tokens the steps are known. */
  readonly budget?: RunConfig['training']['budget'];
  /** Steps between checkpoints; `null`: none by steps. */
  readonly checkpointEvery: number | null;
  /** Minutes between checkpoints; `null`: none by time. */
  readonly checkpointEveryMinutes: number | null;
  /** Training steps under one tie map, k. */
  readonly window: number;
  /** Steps between validations; `null`: only at the end. */
  readonly evaluateEvery: number | null;
  /** What is measured at the end of the run: validation to choose by, test to report once. */
  readonly finalSplits: readonly SplitName[];
  /** Named in `run.started`; the trainer makes nothing of them. */
  readonly seed: number;
  readonly controller: string;
  /** Stops the run cleanly after the step under way. */
  readonly signal?: AbortSignal;
}

/** Measures a split with the weights as they are now. @param final the run's budget is spent: these are its results */
export type Evaluate = (split: SplitName, step: number, final?: boolean) => Promise<Metrics>;

/** Saves all that a run consists of, and goes back to what was saved. Called between steps, with an idle bus. */
export interface Checkpoints {
  /** @returns the checkpoint's path inside the run folder */
  save(step: number): Promise<string>;
  /** Restores the newest checkpoint, the trainer included. @returns its step; `undefined` when there is none */
  rollBack(): Promise<number | undefined>;
}

export const TRAINER_TOKENS = {
  options: createToken<TrainerOptions>('TrainerOptions'),
  evaluate: createToken<Evaluate>('Evaluate'),
  checkpoints: createToken<Checkpoints>('Checkpoints'),
} as const;

/** The trainer's options from a validated configuration. */
export function trainerOptions(config: RunConfig, signal?: AbortSignal): TrainerOptions {
  const { batch: _batch, chunking: _chunking, ...training } = config.training;
  return {
    ...training,
    window: config.tying.window,
    evaluateEvery: config.evaluation.every,
    finalSplits: ['validation', 'test'],
    checkpointEvery: config.checkpoint.every,
    checkpointEveryMinutes: config.checkpoint.everyMinutes,
    seed: config.seed,
    controller: config.controller.name,
    ...(signal ? { signal } : {}),
  };
}

export function adamWOptions(options: TrainerOptions): AdamWOptions {
  const { beta1, beta2, epsilon, weightDecay, decay } = options;
  return { beta1, beta2, epsilon, weightDecay, decay };
}

/** @param steps of the whole run, as far as they are known */
export function scheduleOf(options: TrainerOptions, steps = options.steps): Schedule {
  return {
    kind: options.schedule,
    learningRate: options.learningRate,
    warmup: options.warmup,
    floor: options.minimumLearningRate,
    steps,
  };
}
