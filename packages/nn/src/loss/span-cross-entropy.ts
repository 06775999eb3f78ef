/**
 * Loss of a span of text by where it starts and where it ends (Devlin et al. 2019, arXiv 1810.04805, section 4.2): every
 * position has two logits, and each kind is one softmax over the positions of a sequence.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { Projection } from '@ligature/core';
import { withGradient } from '../gradient/custom-gradient.js';
import { meanCrossEntropy } from './cross-entropy.js';
import { projectedOutputs } from './projected-outputs.js';

export interface SpanLogits {
  /** [batch, time] */
  readonly starts: Tensor2D;
  /** [batch, time] */
  readonly ends: Tensor2D;
}

/**
 * @param projection of two outputs for each position: features [batch * time, width]
 * @param allowed [batch, time], 0 where no span may begin or end: a softmax gives such a position nothing. Left out: all may
 */
export function spanLogits(projection: Projection, batch: number, allowed?: Tensor2D): SpanLogits {
  const outputs = projectedOutputs(projection); // [batch * time, 2]
  const [starts, ends] = [column(outputs, 0, batch), column(outputs, 1, batch)];
  return allowed ? { starts: closed(starts, allowed), ends: closed(ends, allowed) } : { starts, ends };
}

/** Far below every logit, and far from the end of float32. */
export const CLOSED = -1e9;

/** What is closed has no probability and so no gradient: the sum hands on what comes. Both [batch, time]. */
function closed(logits: Tensor2D, allowed: Tensor2D): Tensor2D {
  return withGradient<Tensor2D>([logits], () => {
    const shut = tf.cast(tf.equal(allowed, 0), 'float32');
    return { value: tf.add(logits, tf.mul(shut, CLOSED)), gradient: (dy) => [dy] };
  });
}

/**
 * Mean of two mean cross-entropies, of the starts and of the ends.
 *
 * @param projection of two outputs for each position: features [batch * time, width]
 * @param starts [batch] int32; one outside of [0, time) does not count (an answer that was cut off)
 * @param ends [batch] int32, the same
 * @param allowed as of `spanLogits`; a label that counts is at an allowed position
 * @returns scalar, nats; of either kind 0 where none counts
 */
export function projectedSpanCrossEntropy(
  projection: Projection,
  starts: Tensor1D,
  ends: Tensor1D,
  allowed?: Tensor2D,
): Scalar {
  return tf.tidy(() => {
    const logits = spanLogits(projection, starts.size, allowed);
    const losses = [places(logits.starts, starts), places(logits.ends, ends)];
    return withGradient<Scalar>(losses, () => ({
      value: tf.mul(tf.add(losses[0]!, losses[1]!), 0.5) as Scalar,
      gradient: (dy) => [tf.mul(dy, 0.5), tf.mul(dy, 0.5)],
    }));
  });
}

/** logits [batch, time], labels [batch] */
function places(logits: Tensor2D, labels: Tensor1D): Scalar {
  const inside = tf.logicalAnd(tf.greaterEqual(labels, 0), tf.less(labels, logits.shape[1]));
  const known: Tensor1D = tf.mul(labels, tf.cast(inside, 'int32'));
  return meanCrossEntropy(logits, known, tf.cast(inside, 'float32') as Tensor1D);
}

/** x [batch * time, 2] -> one of its columns, [batch, time] */
function column(x: Tensor2D, at: 0 | 1, batch: number): Tensor2D {
  const rows = x.shape[0];
  return withGradient<Tensor2D>([x], () => ({
    value: tf.reshape(tf.slice(x, [0, at], [rows, 1]), [batch, rows / batch]), // [batch * time, 1] -> [batch, time]
    gradient: (dy) => {
      const one: Tensor2D = tf.reshape(dy, [rows, 1]); // [batch, time] -> [batch * time, 1]
      return [
        tf.pad2d(one, [
          [0, 0],
          [at, 1 - at],
        ]),
      ];
    },
  }));
}
