/**
 * How a projection judges spans, for evaluation: no gradient. The best span is the one of the largest sum of the logits of its
 * start and its end, of all that may be (Devlin et al. 2019, arXiv 1810.04805, section 4.2), and not only of those whose start
 * and end are each among the likeliest ones.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { Projection } from '@ligature/core';
import { CLOSED, spanLogits } from './span-cross-entropy.js';

export interface SpanLabels {
  /** [batch] int32, each at an allowed position. */
  readonly starts: Tensor1D;
  /** [batch] int32, the same. */
  readonly ends: Tensor1D;
  /** [batch, time] int32: 0 where no span may begin or end, 1 where one may, 2 where a label may be that is no span. */
  readonly allowed: Tensor2D;
  /** Positions of the longest span. */
  readonly longest: number;
}

/**
 * @param projection of two outputs for each position: features [batch * time, width]
 * @returns five rows, of shape [5, batch]: nats, the mean of those of start and end; where the best span starts and where it
 *   ends, the first one of equal ones; its score; and that of position 0 as start and end. Without a position of kind 1 the score
 *   of the best span is far below all others.
 */
export function spanScores(projection: Projection, { starts, ends, allowed, longest }: SpanLabels): Tensor2D {
  const [batch, time] = allowed.shape;
  return tf.tidy(() => {
    const logits = spanLogits(projection, batch, allowed);
    const nats = tf.mul(tf.add(natsOf(logits.starts, starts), natsOf(logits.ends, ends)), 0.5);
    const none = tf.add(first(logits.starts), first(logits.ends));
    const inside = tf.cast(tf.equal(allowed, 1), 'int32') as Tensor2D;
    const spans = spanLogits(projection, batch, inside);
    const length = Math.min(longest, time);
    const sums = spanSums(spans.starts, spans.ends, length); // [batch * time, length]
    const best = tf.max(tf.reshape(sums, [batch, time * length]), 1); // [batch]
    const perStart: Tensor2D = tf.reshape(tf.max(sums, 1), [batch, time]); // [batch * time] -> [batch, time]
    const start = tf.argMax(perStart, 1);
    const places = tf.add(tf.range(0, batch * time, time, 'int32'), start); // [batch], in [0, batch * time)
    const end = tf.add(start, tf.gather(tf.argMax(sums, 1), places));
    const numbers = [nats, tf.cast(start, 'float32'), tf.cast(end, 'float32'), best, none];
    return tf.stack(numbers) as Tensor2D;
  });
}

/** logits [batch, time], labels [batch] -> [batch] */
function natsOf(logits: Tensor2D, labels: Tensor1D): Tensor1D {
  const [batch, time] = logits.shape;
  const places = tf.add(tf.range(0, batch * time, time, 'int32'), labels);
  const picked = tf.gather(tf.reshape(logits, [batch * time]), places);
  // m - z - log p, with m the largest logit and p its probability.
  return tf.sub(tf.sub(tf.max(logits, 1), picked), tf.log(tf.max(tf.softmax(logits), 1)));
}

/** Those of position 0: [batch, time] -> [batch] */
const first = (logits: Tensor2D): Tensor1D =>
  tf.reshape(tf.slice(logits, [0, 0], [logits.shape[0], 1]), [logits.shape[0]]);

/** Of every start the sums with the ends at it and behind it: both [batch, time] -> [batch * time, length] */
function spanSums(starts: Tensor2D, ends: Tensor2D, length: number): Tensor2D {
  const [batch, time] = starts.shape;
  // No span ends behind the sequence.
  const beyond = (): Tensor2D => tf.fill([batch, length - 1], 2 * CLOSED);
  const longer: Tensor2D = length === 1 ? ends : tf.concat([ends, beyond()], 1);
  const columns = Array.from({ length }, (_, offset) => {
    const ofOffset = tf.slice(longer, [0, offset], [batch, time]);
    return tf.reshape(tf.add(starts, ofOffset), [batch * time]);
  });
  return tf.stack(columns, 1) as Tensor2D;
}
