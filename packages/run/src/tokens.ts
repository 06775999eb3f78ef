/** Names for what this package puts into a run's container, beside core's `TOKENS` and the trainer's. */
import {
  createToken,
  type Evaluator,
  type EvaluationSet,
  type MeasuredFloor,
  type Metric,
  type SplitFiles,
  type SplitName,
  type WeightSource,
} from '@ligature/core';
import type { CutSplit } from './cut-split.js';

export const RUN_TOKENS = {
  evaluators: createToken<readonly Evaluator[]>('Evaluators'),
  /** All that evaluations measure: the task's metrics, those of evaluators in the place of its own or behind them. */
  metrics: createToken<readonly Metric[]>('Metrics'),
  /** The splits in batches, those for rewards apart. */
  splits: createToken<Readonly<Record<'validation' | 'test', CutSplit>>>('Splits'),
  /** What is measured at the end of the run: all that may be measured, or batches evenly over it. */
  finalSets: createToken<Readonly<Partial<Record<SplitName, EvaluationSet>>>>('FinalSets'),
  /** What needs no training, on the final sets. */
  floors: createToken<readonly MeasuredFloor[]>('Floors'),
  /** Which files are which split, where the dataset had to choose. */
  splitFiles: createToken<SplitFiles>('SplitFiles'),
  /** Where weights came from, when not from the run's own random streams. */
  weightsOrigin: createToken<WeightSource['origin']>('WeightsOrigin'),
} as const;
