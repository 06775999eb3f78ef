/** What the trainer is told, and the tokens by which a container tells it. */
import { createToken } from '@ligature/core';
import type {
  FinalPass,
  Metrics,
  MetricSpec,
  ParameterView,
  RunConfig,
  Snapshot,
  SplitName,
  Subset,
  Task,
} from '@ligature/core';
import type { Schedule } from './schedule.js';
import type { Trainer } from './trainer.js';

/** The training part of a run's configuration (see core's `trainingSchema` for ranges) and what surrounds it. */
export interface TrainerOptions extends Omit<
  RunConfig['training'],
  'batch' | 'budget' | 'freeze' | 'clip' | 'accumulation'
> {
  /** What is spent instead of `steps`; of targets (`tokens`) the steps are known. */
  readonly budget?: RunConfig['training']['budget'];
  /** Targets that a step sees, on average: what is measured under a budget of them is spent in steps by it. */
  readonly stepTokens?: number;
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
  /**
   * Measure the step whose validation on the way was best by this metric, in the place of the last one; that is then
   * validated in the same way, so that it is a candidate like the others. Needs `checkpoints`, which keep the weights.
   */
  readonly best?: MetricSpec;
  /** Of these, for whoever shows how long it will take; the trainer only passes it on. */
  readonly finalPasses?: readonly FinalPass[];
  /** Named in `run.started`; the trainer makes nothing of them. */
  readonly seed: number;
  readonly controller: string;
  readonly task?: TaskSummary;
  /** Stops the run cleanly after the step under way, or the batch of the evaluation that ends it. */
  readonly signal?: AbortSignal;
}

/** What `run.started` says of a task. */
export interface TaskSummary {
  readonly task: string;
  readonly unit: string;
  readonly lossUnit: string;
  readonly metrics: readonly MetricSpec[];
}

/** What was measured, and of how much of the split where that is not all of it. */
export interface Evaluated {
  readonly metrics: Metrics;
  readonly subset?: Subset;
}

/**
 * Measures a split; `undefined` when the signal ended it before its last batch.
 *
 * @param final the run's budget is spent: these are its results
 * @param view the weights to measure; left out: those in training, as they are now
 */
export type Evaluate = (
  split: SplitName,
  final: boolean,
  signal?: AbortSignal,
  view?: ParameterView,
) => Promise<Evaluated | undefined>;

/** Weights of an earlier step, beside those in training. */
export interface KeptWeights {
  readonly view: ParameterView;
  dispose(): void;
}

/** Saves all that a run consists of, and goes back to what was saved. Called between steps, with an idle bus. */
export interface Checkpoints {
  /** @returns the checkpoint's path inside the run folder */
  save(step: number): Promise<string>;
  /**
   * Restores everything but the trainer from the newest checkpoint, and hands over what that holds of the trainer: no
   * loop is overwritten from beneath it. `undefined` when there is none.
   */
  rollBack(): Promise<{ readonly step: number; readonly trainer: Snapshot } | undefined>;
  /** The weights that were saved at the step that was the best one so far; whoever asks disposes them. */
  weightsOf(step: number): Promise<KeptWeights>;
}

/** `step-000200` */
export const checkpointName = (step: number): string => `step-${String(step).padStart(6, '0')}`;

/** Where checkpoints of a step lie, inside of a run. */
export const checkpointPath = (step: number): string => `checkpoints/${checkpointName(step)}`;

export const TRAINER_TOKENS = {
  options: createToken<TrainerOptions>('TrainerOptions'),
  evaluate: createToken<Evaluate>('Evaluate'),
  checkpoints: createToken<Checkpoints>('Checkpoints'),
  trainer: createToken<Trainer>('Trainer'),
} as const;

/**
 * The trainer's options from a validated configuration.
 *
 * @param batchWeight targets of a batch: a budget of them becomes steps by it, the last of which may see a few more
 */
export function trainerOptions(config: RunConfig, batchWeight: number, signal?: AbortSignal): TrainerOptions {
  const { batch: _batch, freeze: _freeze, clip: _clip, accumulation, ...training } = config.training;
  const { budget } = training;
  const stepTokens = batchWeight * accumulation;
  return {
    ...training,
    ...(budget?.kind === 'tokens' && { steps: Math.ceil(budget.amount / stepTokens), stepTokens }),
    window: config.tying.window,
    evaluateEvery: config.evaluation.every,
    finalSplits: config.evaluation.final.splits,
    checkpointEvery: config.checkpoint.every,
    checkpointEveryMinutes: config.checkpoint.everyMinutes,
    seed: config.seed,
    controller: config.controller.name,
    ...(signal ? { signal } : {}),
  };
}

/** What `run.started` says of a task. @param metrics those of evaluators included */
export function summaryOf(
  { name, unit, lossUnit }: Pick<Task, 'name' | 'unit' | 'lossUnit'>,
  metrics: readonly MetricSpec[],
): TaskSummary {
  const specs = metrics.map(({ name: metric, unit: of, better, label }) => ({
    name: metric,
    unit: of,
    better,
    ...(label !== undefined && { label }),
  }));
  return { task: name, unit, lossUnit, metrics: specs };
}

/** @param steps of the whole run, as far as they are known; Infinity: not before the first one is taken */
export function scheduleOf(options: TrainerOptions, steps = options.steps): Schedule {
  const { warmup } = options;
  const share = (of: number): number => Math.round(warmup * of);
  return {
    kind: options.schedule,
    learningRate: options.learningRate,
    warmup: warmup >= 1 ? warmup : share(Number.isFinite(steps) ? steps : options.steps),
    floor: options.minimumLearningRate,
    steps,
  };
}
