/**
 * Scoring an objective on fixed batches. Everything is weighted by the targets that count: a mean of batch means would
 * weigh a short last batch like a full one.
 */
import { ContractError } from '@ligature/core';
import type {
  Batch,
  BatchScores,
  EvaluationSet,
  Metric,
  Metrics,
  Objective,
  ParameterView,
  ProbeMeasurement,
  SplitName,
} from '@ligature/core';
import type { WeightRegistry } from '@ligature/weight-sharing';
import * as tf from '@tensorflow/tfjs-core';
import { breathe } from './breathe.js';
import type { Evaluate } from './options.js';
import { tensorBatch } from './tensor-batch.js';

/** How far an evaluation is. */
export interface EvaluationProgress {
  readonly split: SplitName;
  /** Batches scored. */
  readonly done: number;
  readonly total: number;
}

/** The scores of every target of one batch, in evaluation mode; one read from the backend. */
export async function scoreBatch(
  objective: Objective,
  view: ParameterView,
  batch: Batch,
): Promise<BatchScores> {
  const scores = tf.tidy(() => objective.score(view, tensorBatch(batch)));
  try {
    const values = await scores.data<'float32'>();
    const targets = scores.shape[1];
    const columns = Object.fromEntries(
      objective.scores.map((name, row) => [name, values.subarray(row * targets, (row + 1) * targets)]),
    );
    return { weight: batch.weight, columns };
  } finally {
    scores.dispose();
  }
}

/**
 * Scores every batch of a set and folds the scores into metrics. Lets other work of the process run between
 * batches.
 *
 * @param metrics of two with one name the later one's value wins
 * @param onProgress called before the first batch and after each
 * @param signal ends it between two batches: what it throws then is `signal.reason`
 * @throws ContractError (`evaluation-empty`) for a set without batches, (`evaluation-incomplete`) for one whose batches
 *   do not weigh what its scope says
 */
export async function evaluateSet(
  objective: Objective,
  view: ParameterView,
  { scope, batches }: EvaluationSet,
  metrics: readonly Metric[],
  onProgress?: (progress: EvaluationProgress) => void,
  signal?: AbortSignal,
): Promise<Metrics> {
  const { split } = scope;
  requireBatches(batches, `Evaluate the ${split} split`);
  const total = batches.length;
  const folds = metrics.map((metric) => ({ name: metric.name, fold: metric.fold() }));
  onProgress?.({ split, done: 0, total });
  let weight = 0;
  for (const [index, batch] of batches.entries()) {
    const scores = await scoreBatch(objective, view, batch);
    weight += scores.weight;
    for (const { fold } of folds) fold.add(scores);
    onProgress?.({ split, done: index + 1, total });
    await breathe();
    if (index + 1 < total) signal?.throwIfAborted();
  }
  if (weight !== scope.weight) {
    throw new ContractError('evaluation-incomplete', {
      asked: `Finish an evaluation of the ${split} split`,
      found: `${weight} targets were scored and the pass covers ${scope.weight}`,
      todo: 'Give a scope that weighs what its batches do',
    });
  }
  return Object.fromEntries(
    folds.flatMap(({ name, fold }) => {
      const value = fold.finish(scope);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Mean loss and metrics on some batches, without dropout; for rewards and quick checks. */
export async function measureBatches(
  objective: Objective,
  view: ParameterView,
  batches: readonly Batch[],
  metrics: readonly Metric[] = [],
): Promise<ProbeMeasurement> {
  requireBatches(batches, 'Measure the mean loss of a list of batches');
  const [lossName = ''] = objective.scores;
  const folds = metrics.map((metric) => ({ name: metric.name, fold: metric.fold() }));
  let sum = 0;
  let weight = 0;
  for (const batch of batches) {
    const scores = await scoreBatch(objective, view, batch);
    // By itself first: the sum of a batch does not depend on what came before it.
    let ofBatch = 0;
    for (const value of scores.columns[lossName] as Float32Array) ofBatch += value;
    sum += ofBatch;
    weight += scores.weight;
    for (const { fold } of folds) fold.add(scores);
    await breathe();
  }
  const scope = { split: 'validation', weight } as const;
  return {
    loss: sum / weight,
    metrics: Object.fromEntries(
      folds.flatMap(({ name, fold }) => {
        const value = fold.finish(scope);
        return value === undefined ? [] : [[name, value]];
      }),
    ),
  };
}

/** What an evaluation of the trainer measures on. */
export interface EvaluationSets {
  /** At the end of a run. */
  readonly full: Readonly<Partial<Record<SplitName, EvaluationSet>>>;
  /** How many batches a split has, where `full` holds only some of them. */
  readonly batches?: Readonly<Partial<Record<SplitName, number>>>;
  /** How many of those rewards have to themselves: no set holds them. */
  readonly apart?: Readonly<Partial<Record<SplitName, number>>>;
  /** On the way; where it has no set of a split, the full one is taken. */
  readonly quick?: Readonly<Partial<Record<SplitName, EvaluationSet>>>;
}

/** An `Evaluate` for the trainer. */
export function createEvaluation(
  objective: Objective,
  registry: WeightRegistry,
  sets: EvaluationSets,
  metrics: readonly Metric[],
  onProgress?: (progress: EvaluationProgress) => void,
): Evaluate {
  return async (split, final, signal, view = registry.view()) => {
    const set = (final ? undefined : sets.quick?.[split]) ?? sets.full[split];
    if (!set) {
      throw new ContractError('evaluation-split-missing', {
        asked: `Evaluate the ${split} split`,
        found: `only ${Object.keys(sets.full).join(', ') || 'nothing'} was prepared`,
        todo: 'Give an evaluation set for it',
      });
    }
    const batches = set.batches.length;
    const of = sets.batches?.[split] ?? batches;
    try {
      const found = await evaluateSet(objective, view, set, metrics, onProgress, signal);
      const apart = sets.apart?.[split] ?? 0;
      const subset = { batches, of, ...(apart > 0 && { apart }) };
      return { metrics: found, ...(final && batches < of && { subset }) };
    } catch (error) {
      if (signal?.aborted && error === signal.reason) return undefined;
      throw error;
    }
  };
}

function requireBatches(batches: readonly Batch[], asked: string): void {
  if (batches.length > 0) return;
  throw new ContractError('evaluation-empty', {
    asked,
    found: 'there is no batch in it',
    todo: 'Give a text that is longer than one context',
  });
}
