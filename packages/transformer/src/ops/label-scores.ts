/**
 * How a linear head judges labels, for evaluation: no gradient, and never more logits at a time than a block of rows.
 * With m the largest logit of a row, p its probability and z the label's logit, the cross-entropy is m - z - log p.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';

/**
 * Rows of a block: as many as make 4 MiB of logits, which stay in the processor's caches; but at least 256, because a
 * product of few rows spends its time on rearranging the table; and never more than 128 MiB of logits.
 */
function rowsPerBlock(classes: number): number {
  const cached = Math.floor(2 ** 20 / classes);
  const most = Math.floor(2 ** 25 / classes);
  return Math.max(1, Math.min(Math.max(256, cached), most));
}

/**
 * @param x [rows, width]
 * @param table [classes, width]
 * @param labels [rows] int32 in [0, classes), not checked
 * @param perBlock rows whose logits exist at a time
 * @returns [2, rows]: nats; 1 where the label is the first of the most likely classes, else 0
 */
export function labelScores(
  x: Tensor2D,
  table: Tensor2D,
  labels: Tensor1D,
  perBlock = rowsPerBlock(table.shape[0]),
): Tensor2D {
  const [rows, width] = x.shape;
  return tf.tidy(() => {
    const blocks: Tensor2D[] = [];
    for (let start = 0; start < rows; start += perBlock) {
      const count = Math.min(perBlock, rows - start);
      blocks.push(
        tf.tidy(() =>
          blockScores(tf.slice(x, [start, 0], [count, width]), table, tf.slice(labels, start, count)),
        ),
      );
    }
    return blocks.length === 1 ? blocks[0]! : tf.concat(blocks, 1);
  });
}

function blockScores(x: Tensor2D, table: Tensor2D, labels: Tensor1D): Tensor2D {
  const [rows, classes] = [x.shape[0], table.shape[0]];
  const logits = tf.matMul(x, table, false, true); // [rows, classes]
  const largest = tf.max(logits, 1);
  // Where the labels lie in the logits read as one long row, [rows * classes].
  const places = tf.add(tf.range(0, rows * classes, classes, 'int32'), labels);
  const picked = tf.gather(tf.reshape(logits, [rows * classes]), places); // [rows]
  const nats = tf.sub(tf.sub(largest, picked), tf.log(tf.max(tf.softmax(logits), 1)));
  const correct = tf.cast(tf.equal(tf.argMax(logits, 1), labels), 'float32');
  return tf.stack([nats, correct]) as Tensor2D;
}
