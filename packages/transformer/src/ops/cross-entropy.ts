/**
 * Mean cross-entropy of a softmax, in nats, with the gradient (softmax - one-hot) / rows.
 *
 * The logarithm of the normalizer is taken as m - log p_max, with m the largest logit and p_max its
 * probability: p_max >= 1 / classes, so nothing underflows however unlikely the label is, and the softmax that
 * the gradient needs anyway is the only pass over all entries besides two maxima.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { withGradient } from './custom-gradient.js';
import { fusedKernel } from './fused-kernel.js';

/** logits [rows, classes], labels [rows] int32 in [0, classes), not checked -> scalar, nats. */
export function meanCrossEntropy(logits: Tensor2D, labels: Tensor1D): Scalar {
  const [rows, classes] = logits.shape;
  return withGradient<Scalar>([logits], (save) => {
    const probabilities = tf.softmax(logits);
    const normalizer = tf.sub(tf.max(logits, 1), tf.log(tf.max(probabilities, 1))); // [rows]
    // Where the labels lie in the logits read as one long row, [rows * classes].
    const places = tf.add(tf.range(0, rows * classes, classes, 'int32'), labels);
    save([probabilities, places]);
    const picked = tf.gather(tf.reshape(logits, [rows * classes]), places); // [rows]
    return {
      value: tf.mean(tf.sub(normalizer, picked)) as Scalar,
      gradient: (dy, [probabilities, places]) => {
        const share = tf.div(dy, rows);
        // A scatter and not tf.oneHot, whose float form is wrong on the WebAssembly backend of tfjs 4.22.
        const indices = tf.reshape(places!, [rows, 1]); // [rows] -> [rows, 1]
        const hits = tf.scatterND(indices, tf.mul(tf.ones([rows]), share), [rows * classes]);
        // [rows * classes] -> [rows, classes]
        return [tf.sub(tf.mul(probabilities!, share), tf.reshape(hits, [rows, classes]))];
      },
    };
  });
}

/**
 * Mean cross-entropy of the head `x tableᵀ`. Where the backend has a kernel for both together, the logits exist only a
 * block of rows at a time.
 *
 * @param x [rows, width]
 * @param table [classes, width]
 * @param labels [rows] int32 in [0, classes), not checked
 * @returns scalar, nats
 */
export function linearCrossEntropy(x: Tensor2D, table: Tensor2D, labels: Tensor1D): Scalar {
  const fused = fusedKernel('FusedLinearCrossEntropy');
  if (!fused) return meanCrossEntropy(tf.matMul(x, table, false, true), labels);
  return withGradient<Scalar>([x, table], (save) => {
    // Loss and gradients come from one pass; a backend that compiles graphs leaves out what nobody reads.
    const [loss, dx, dTable] = fused({ x, table, labels }) as [Scalar, Tensor2D, Tensor2D];
    save([dx, dTable]);
    return {
      value: loss,
      gradient: (dy, [dx, dTable]) => [tf.mul(dx!, dy), tf.mul(dTable!, dy)],
    };
  });
}
