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
import type { Tensor1D } from '@tensorflow/tfjs-core';
import type { Evaluate } from './options.js';

const tokensOf = (batch: Batch): number => batch.batch * batch.context;

/** Sums over the positions of one batch, in evaluation mode; one read from the backend, summed in 64 bits. */
export async function scoreBatch(model: Model, view: ParameterView, batch: Batch): Promise<BatchScore> {
  const tokens = tokensOf(batch);
  const perPosition = tf.tidy((): Tensor1D => {
    const { vocabularySize } = model;
    const inputs = tf.tensor2d(batch.inputs, [batch.batch, batch.context], 'int32');
    // [batch, context, vocabulary] -> [tokens, vocabulary]
    const logits = tf.reshape(model.logits(view, inputs, { training: false }), [tokens, vocabularySize]);
    const places = batch.labels.map((label, position) => position * vocabularySize + label);
    const ofLabel = tf.gather(tf.reshape(logits, [-1]), tf.tensor1d(places, 'int32'));
    const nats = tf.sub(tf.logSumExp(logits, -1), ofLabel);
    const best = tf.argMax(logits, -1);
    const correct = tf.cast(tf.equal(best, tf.tensor1d(batch.labels, 'int32')), 'float32');
    // [tokens] and [tokens] -> [2 tokens]: one transfer for both
    return tf.concat([nats, correct]) as Tensor1D;
  });
  try {
    const values = await perPosition.data();
    let nats = 0;
    let correct = 0;
    for (let position = 0; position < tokens; position += 1) {
      nats += values[position] as number;
      correct += values[tokens + position] as number;
    }
    return { nats, tokens, correct };
  } finally {
    perPosition.dispose();
  }
}

/**
 * Scores every batch of a set and folds the scores into metrics. Lets other work of the process run between
 * batches.
 *
 * @returns the metrics of all folds together; of two with one name the later fold's wins
 * @throws ContractError (`evaluation-empty`) for a set without batches
 */
export async function evaluateSet(
  model: Model,
  view: ParameterView,
  set: EvaluationSet,
  folds: readonly EvaluationFold[],
): Promise<Metrics> {
  requireBatches(set.batches, `Evaluate the ${set.scope.split} split`);
  for (const batch of set.batches) {
    const score = await scoreBatch(model, view, batch);
    for (const fold of folds) fold.add(score);
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
    const loss = tf.tidy(() => {
      const shape: [number, number] = [batch.batch, batch.context];
      const inputs = tf.tensor2d(batch.inputs, shape, 'int32');
      const labels = tf.tensor2d(batch.labels, shape, 'int32');
      return model.loss(view, inputs, labels, { training: false });
    });
    try {
      nats += ((await loss.data())[0] as number) * tokensOf(batch);
    } finally {
      loss.dispose();
    }
    tokens += tokensOf(batch);
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
    return evaluateSet(model, registry.view(), set, folds);
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
