/**
 * Multi-head self-attention (Vaswani et al. 2017, arXiv 1706.03762, section 3.2) of tfjs's own ops, with any mask:
 * softmax(q kᵀ / sqrt(d) + mask) v for each head, dropout on the probabilities.
 *
 * The gradient is the closed form of FlashAttention (Dao et al. 2022, arXiv 2205.14135, appendix B.2): the
 * row sums of dP * P equal those of dO * O, which are width instead of time wide. Every product is arranged so
 * that no operand is transposed on the fly: only [.., time, size] pieces are transposed, never the
 * [time, time] probabilities.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import { dropoutMask } from '../dropout.js';
import type { Dropout } from '../dropout.js';
import { withGradient } from '../gradient/custom-gradient.js';
import { tensorsOf } from './attention-input.js';
import type { AttentionInput, AttentionShape } from './attention-input.js';

/** The mask has rank 2 or 4; see `AttentionOptions`. -> [batch * time, heads * size] */
export function plainAttention(
  input: AttentionInput,
  shape: AttentionShape,
  mask: Tensor | undefined,
  dropout: Dropout | undefined,
): Tensor2D {
  const { batch, time, heads, size } = shape;
  const scale = 1 / Math.sqrt(size);

  /** [batch * time, heads * size] -> [batch * heads, time, size] */
  const rows = (x: Tensor): Tensor3D =>
    tf.reshape(tf.transpose(tf.reshape(x, [batch, time, heads, size]), [0, 2, 1, 3]), [
      batch * heads,
      time,
      size,
    ]);
  /** [batch * time, heads * size] -> [batch * heads, size, time] */
  const columns = (x: Tensor): Tensor3D =>
    tf.reshape(tf.transpose(tf.reshape(x, [batch, time, heads, size]), [0, 2, 3, 1]), [
      batch * heads,
      size,
      time,
    ]);
  /** [batch * heads, time, size] -> [batch * time, heads * size] */
  const mergeRows = (x: Tensor): Tensor2D =>
    tf.reshape(tf.transpose(tf.reshape(x, [batch, heads, time, size]), [0, 2, 1, 3]), [
      batch * time,
      heads * size,
    ]);
  /** [batch * heads, size, time] -> [batch * time, heads * size] */
  const mergeColumns = (x: Tensor): Tensor2D =>
    tf.reshape(tf.transpose(tf.reshape(x, [batch, heads, size, time]), [0, 3, 1, 2]), [
      batch * time,
      heads * size,
    ]);
  /** [batch * heads, time, size] <-> [batch * heads, size, time] */
  const flip = (x: Tensor): Tensor3D => tf.transpose(x as Tensor3D, [0, 2, 1]);

  const inputs = tensorsOf(input);
  return withGradient<Tensor2D>(inputs, (save) => {
    const [q, k, v] = (inputs.length === 1 ? tf.split(inputs[0]!, 3, 1) : inputs) as [
      Tensor2D,
      Tensor2D,
      Tensor2D,
    ];
    const queries = tf.mul(rows(q), scale); // [batch * heads, time, size]
    const keys = columns(k); // [batch * heads, size, time]
    const values = rows(v); // [batch * heads, time, size]
    const probabilities = tf.softmax(masked(tf.matMul(queries, keys), mask, shape)); // [.., time, time]
    const drop = dropout && dropoutMask<tf.Rank.R3>(probabilities.shape, dropout.rate, dropout.seed());
    const mixing = drop ? tf.mul(probabilities, drop) : probabilities;
    const value = mergeRows(tf.matMul(mixing, values));
    save([queries, keys, values, value, probabilities, ...(drop ? [drop, mixing] : [])]);
    return {
      value,
      gradient: (dy, [queries, keys, values, value, probabilities, drop, mixing]) => {
        const dOut = rows(dy);
        const dValues = tf.matMul(columns(dy), mixing ?? probabilities!); // [.., size, time]
        const dMixing = tf.matMul(dOut, flip(values!)); // [.., time, time]
        const dProbabilities = drop ? tf.mul(dMixing, drop) : dMixing;
        // [batch * time, heads * size] -> [batch, time, heads, size] -> [batch, time, heads]
        const perHead = tf.sum(tf.reshape(tf.mul(dy, value!), [batch, time, heads, size]), 3);
        // -> [batch, heads, time] -> [batch * heads, time, 1]
        const rowSums = tf.reshape(tf.transpose(perHead, [0, 2, 1]), [batch * heads, time, 1]);
        const dScores = tf.mul(probabilities!, tf.sub(dProbabilities, rowSums)) as Tensor3D;
        const dQueries = tf.mul(tf.matMul(dScores, flip(keys!)), scale); // [.., time, size]
        const dKeys = tf.matMul(flip(queries!), dScores); // [.., size, time]
        const parts = [mergeRows(dQueries), mergeColumns(dKeys), mergeColumns(dValues)];
        return inputs.length === 1 ? [tf.concat(parts, 1)] : parts;
      },
    };
  });
}

/** scores [batch * heads, time, time] plus the mask */
function masked(
  scores: Tensor3D,
  mask: Tensor | undefined,
  { batch, heads, time }: AttentionShape,
): Tensor3D {
  if (!mask) return scores;
  if (mask.rank === 2) return tf.add(scores, mask);
  // [batch * heads, time, time] -> [batch, heads, time, time] and back
  const apart = tf.reshape(scores, [batch, heads, time, time]);
  return tf.reshape(tf.add(apart, mask), [batch * heads, time, time]);
}
