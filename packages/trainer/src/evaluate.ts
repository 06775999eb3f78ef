/**
 * Scoring a model on fixed batches. Everything is weighted by tokens: a mean of batch means would weigh a short
 * last batch like a full one.
 */
import { ContractError } from '@ligature/core';
import type {
  Batch,
  BatchScore,
  EvaluationFold,
  EvaluationSet,
  Evaluator,
  Metrics,
  Model,
  ParameterView,
  SplitName,
} from '@ligature/core';
import type { WeightRegistry } from '@ligature/weight-sharing';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { Evaluate } from './options.js';

const tokensOf = (batch: Batch): number => batch.batch * batch.context;

/** How far an evaluation is. */
export interface EvaluationProgress {
  readonly split: SplitName;
  /** Batches scored. */
  readonly done: number;
  readonly total: number;
}

/** Sums over the positions of one batch, in evaluation mode; one read from the backend, summed in 64 bits. */
export async function scoreBatch(model: Model, view: ParameterView, batch: Batch): Promise<BatchScore> {
  const tokens = tokensOf(batch);
  const scores = tf.tidy((): Tensor2D => {
    const shape: [number, number] = [batch.batch, batch.context];
    const inputs = tf.tensor2d(batch.inputs, shape, 'int32');
    const labels = tf.tensor2d(batch.labels, shape, 'int32');
    return model.scores?.(view, inputs, labels) ?? scoresFromLogits(model, view, inputs, labels);
  });
  try {
    const values = await scores.data();
    let nats = 0;
    let correct = 0;
    for (let position = 0; position < tokens; position += 1) {
      nats += values[position] as number;
      correct += values[tokens + position] as number;
    }
    return { nats, tokens, correct };
  } finally {
    scores.dispose();
  }
}

/**
 * What `Model.scores` promises, for a model that has only logits. Everything is computed from tensors, so that a
 * backend that compiles graphs makes one for all batches of a shape.
 */
function scoresFromLogits(model: Model, view: ParameterView, inputs: Tensor2D, labels: Tensor2D): Tensor2D {
  const { vocabularySize } = model;
  const tokens = labels.size;
  const flat: Tensor1D = tf.reshape(labels, [tokens]); // [batch, context] -> [tokens]
  // [batch, context, vocabulary] -> [tokens, vocabulary]
  const logits = tf.reshape(model.logits(view, inputs, { training: false }), [tokens, vocabularySize]);
  const places = tf.add(tf.range(0, tokens * vocabularySize, vocabularySize, 'int32'), flat);
  const ofLabel = tf.gather(tf.reshape(logits, [tokens * vocabularySize]), places);
  const nats = tf.sub(tf.logSumExp(logits, -1), ofLabel);
  const correct = tf.cast(tf.equal(tf.argMax(logits, -1), flat), 'float32');
  return tf.stack([nats, correct]) as Tensor2D;
}

/**
 * Scores every batch of a set and folds the scores into metrics. Lets other work of the process run between
 * batches.
 *
 * @param onProgress called before the first batch and after each
 * @returns the metrics of all folds together; of two with one name the later fold's wins
 * @throws ContractError (`evaluation-empty`) for a set without batches
 */
export async function evaluateSet(
  model: Model,
  view: ParameterView,
  set: EvaluationSet,
  folds: readonly EvaluationFold[],
  onProgress?: (progress: EvaluationProgress) => void,
): Promise<Metrics> {
  const { split } = set.scope;
  requireBatches(set.batches, `Evaluate the ${split} split`);
  const total = set.batches.length;
  onProgress?.({ split, done: 0, total });
  for (const [index, batch] of set.batches.entries()) {
    const score = await scoreBatch(model, view, batch);
    for (const fold of folds) fold.add(score);
    onProgress?.({ split, done: index + 1, total });
    await breathe();
  }
  return Object.assign({}, ...folds.map((fold) => fold.finish(set.scope))) as Metrics;
}

/** Token-weighted mean cross-entropy in nats of some batches, without dropout; for rewards and quick checks. */
export async function meanLoss(
  model: Model,
  view: ParameterView,
  batches: readonly Batch[],
): Promise<number> {
  requireBatches(batches, 'Measure the mean loss of a list of batches');
  let nats = 0;
  let tokens = 0;
  for (const batch of batches) {
    const score = await scoreBatch(model, view, batch);
    nats += score.nats;
    tokens += score.tokens;
    await breathe();
  }
  return nats / tokens;
}

/** An `Evaluate` for the trainer: the sets to measure on, and the evaluators whose folds are fed. */
export function createEvaluation(
  model: Model,
  registry: WeightRegistry,
  sets: Readonly<Partial<Record<SplitName, EvaluationSet>>>,
  evaluators: readonly Evaluator[],
  onProgress?: (progress: EvaluationProgress) => void,
): Evaluate {
  return async (split) => {
    const set = sets[split];
    if (!set) {
      throw new ContractError('evaluation-split-missing', {
        asked: `Evaluate the ${split} split`,
        found: `only ${Object.keys(sets).join(', ') || 'nothing'} was prepared`,
        todo: 'Give an evaluation set for it',
      });
    }
    const folds = evaluators.flatMap((evaluator) => (evaluator.begin ? [evaluator.begin()] : []));
    return evaluateSet(model, registry.view(), set, folds, onProgress);
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

/** A turn of the event loop: progress bars draw and signals arrive. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
