/**
 * Mean cross-entropy of a softmax, in nats, with the gradient (softmax - one-hot) / rows.
 *
 * The logarithm of the normalizer is taken as m - log p_max, with m the largest logit and p_max its
 * probability: p_max >= 1 / classes, so nothing underflows however unlikely the label is, and the softmax that
 * the gradient needs anyway is the only pass over all entries besides two maxima.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { withGradient } from '../gradient/custom-gradient.js';

/**
 * @param logits [rows, classes]
 * @param labels [rows] int32 in [0, classes), not checked
 * @param counted [rows] float32, 1 for a row that counts and 0 for one that does not; left out: all do
 * @returns scalar, nats: the mean over the rows that count, 0 where none does
 */
export function meanCrossEntropy(logits: Tensor2D, labels: Tensor1D, counted?: Tensor1D): Scalar {
  const [rows, classes] = logits.shape;
  return withGradient<Scalar>([logits], (save) => {
    const probabilities = tf.softmax(logits);
    const normalizer = tf.sub(tf.max(logits, 1), tf.log(tf.max(probabilities, 1))); // [rows]
    // Where the labels lie in the logits read as one long row, [rows * classes].
    const places = tf.add(tf.range(0, rows * classes, classes, 'int32'), labels);
    // What each row contributes to the mean, [rows].
    const shares = counted && tf.div(counted, tf.maximum(tf.sum(counted), 1));
    save([probabilities, places, ...(shares ? [shares] : [])]);
    const picked = tf.gather(tf.reshape(logits, [rows * classes]), places); // [rows]
    const nats = tf.sub(normalizer, picked);
    return {
      value: (shares ? tf.sum(tf.mul(nats, shares)) : tf.mean(nats)) as Scalar,
      gradient: (dy, [probabilities, places, shares]) => {
        const share = shares ? tf.mul(shares, dy) : tf.div(dy, rows);
        // A scatter and not tf.oneHot, whose float form is wrong on the WebAssembly backend of tfjs 4.22.
        const indices = tf.reshape(places!, [rows, 1]); // [rows] -> [rows, 1]
        const hits = tf.scatterND(indices, tf.mul(tf.ones([rows]), share), [rows * classes]);
        const perRow = shares ? tf.reshape(share, [rows, 1]) : share; // [rows] -> [rows, 1]
        // [rows * classes] -> [rows, classes]
        return [tf.sub(tf.mul(probabilities!, perRow), tf.reshape(hits, [rows, classes]))];
      },
    };
  });
}
