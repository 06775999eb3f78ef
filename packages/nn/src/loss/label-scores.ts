/**
 * How a projection judges labels, for evaluation: no gradient, and never more logits at a time than a block of rows.
 * With m the largest logit of a row, p its probability and z the label's logit, the cross-entropy is m - z - log p.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { Projection } from '@ligature/core';
import { countedLabels } from './labels.js';
import type { LabelOptions } from './labels.js';
import { projectedOutputs } from './projected-outputs.js';

/**
 * Rows of a block: as many as make 4 MiB of logits, which stay in the processor's caches; but at least 256, because a
 * product of few rows spends its time on rearranging the table; and never more than 128 MiB of logits.
 */
function rowsPerBlock(classes: number): number {
  const cached = Math.floor(2 ** 20 / classes);
  const most = Math.floor(2 ** 25 / classes);
  return Math.max(1, Math.min(Math.max(256, cached), most));
}

export interface LabelScoreOptions extends LabelOptions {
  /** Rows whose logits exist at a time; left out: what suits the number of outputs. */
  readonly perBlock?: number;
}

/**
 * @param labels [targets] int32 in [0, outputs), not checked; below 0 with `ignoreNegative`
 * @returns two rows, of shape [2, targets]: nats, and 1 where the label is the first of the most likely classes, else 0. Both
 *   are 0 where a target does not count.
 */
export function labelScores(
  { features, weight, bias }: Projection,
  labels: Tensor1D,
  { ignoreNegative = false, perBlock = rowsPerBlock(weight.shape[0]) }: LabelScoreOptions = {},
): Tensor2D {
  const [rows, width] = features.shape;
  return tf.tidy(() => {
    const known = ignoreNegative ? countedLabels(labels) : { labels, counted: undefined };
    const blocks: Tensor2D[] = [];
    for (let start = 0; start < rows; start += perBlock) {
      const count = Math.min(perBlock, rows - start);
      blocks.push(
        tf.tidy(() => {
          const block = { features: tf.slice(features, [start, 0], [count, width]), weight };
          const projection = bias ? { ...block, bias } : block;
          return blockScores(projection, tf.slice(known.labels, start, count));
        }),
      );
    }
    const scores = blocks.length === 1 ? blocks[0]! : tf.concat(blocks, 1);
    return known.counted ? tf.mul(scores, known.counted) : scores; // [2, rows] times [rows]
  });
}

function blockScores(projection: Projection, labels: Tensor1D): Tensor2D {
  const logits = projectedOutputs(projection);
  const [rows, classes] = logits.shape;
  const largest = tf.max(logits, 1);
  // Where the labels lie in the logits read as one long row, [rows * classes].
  const places = tf.add(tf.range(0, rows * classes, classes, 'int32'), labels);
  const picked = tf.gather(tf.reshape(logits, [rows * classes]), places); // [rows]
  const nats = tf.sub(tf.sub(largest, picked), tf.log(tf.max(tf.softmax(logits), 1)));
  const correct = tf.cast(tf.equal(tf.argMax(logits, 1), labels), 'float32');
  return tf.stack([nats, correct]) as Tensor2D;
}
