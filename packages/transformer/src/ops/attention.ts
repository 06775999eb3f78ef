/**
 * Multi-head causal self-attention (Vaswani et al. 2017, arXiv 1706.03762, section 3.2) as one op:
 * softmax(q kᵀ / sqrt(d) + mask) v for each head, dropout on the probabilities.
 *
 * The gradient is the closed form of FlashAttention (Dao et al. 2022, arXiv 2205.14135, appendix B.2): the
 * row sums of dP * P equal those of dO * O, which are width instead of time wide. Every product is arranged so
 * that no operand is transposed on the fly: only [.., time, size] pieces are transposed, never the
 * [time, time] probabilities.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import { withGradient } from './custom-gradient.js';
import { fusedKernel } from './fused-kernel.js';
import { dropoutMask } from './dropout.js';
import type { Dropout } from './dropout.js';

export interface AttentionShape {
  readonly batch: number;
  readonly time: number;
  readonly heads: number;
  /** Width of one head. */
  readonly size: number;
}

/** Added to the scores: 0 where a position may look, and far below any score for later positions. [time, time]. */
export function causalMask(time: number): Tensor2D {
  // -1e9 and not -Infinity: its exponential is exactly 0 too, and no kernel meets Infinity - Infinity.
  const mask = new Float32Array(time * time);
  for (let row = 0; row < time; row += 1) mask.fill(-1e9, row * time + row + 1, (row + 1) * time);
  return tf.tensor2d(mask, [time, time]);
}

/**
 * qkv [batch * time, 3 * heads * size], queries, keys and values side by side as in GPT-2's `c_attn`,
 * mask [time, time] -> [batch * time, heads * size], heads side by side.
 */
export function causalSelfAttention(
  qkv: Tensor2D,
  mask: Tensor2D,
  shape: AttentionShape,
  dropout?: Dropout,
): Tensor2D {
  const { batch, time, heads, size } = shape;
  const fused = fusedKernel('FusedCausalAttention');
  if (fused && !dropout) return fusedAttention(fused, qkv, shape);
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

  return withGradient<Tensor2D>([qkv], (save) => {
    const [q, k, v] = tf.split(qkv, 3, 1) as [Tensor2D, Tensor2D, Tensor2D];
    const queries = tf.mul(rows(q), scale); // [batch * heads, time, size]
    const keys = columns(k); // [batch * heads, size, time]
    const values = rows(v); // [batch * heads, time, size]
    const probabilities = tf.softmax(tf.add(tf.matMul(queries, keys), mask)) as Tensor3D; // [.., time, time]
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
        return [tf.concat([mergeRows(dQueries), mergeColumns(dKeys), mergeColumns(dValues)], 1)];
      },
    };
  });
}

function fusedAttention(
  forward: NonNullable<ReturnType<typeof fusedKernel>>,
  qkv: Tensor2D,
  shape: AttentionShape,
): Tensor2D {
  const sizes = { ...shape };
  return withGradient<Tensor2D>([qkv], (save) => {
    const results = forward({ qkv }, sizes);
    save(results);
    return {
      value: results[0] as Tensor2D,
      gradient: (dy, [value, probabilities, queries, keys, values]) =>
        fusedKernel('FusedCausalAttentionGrad')!(
          {
            dy,
            value: value!,
            probabilities: probabilities!,
            queries: queries!,
            keys: keys!,
            values: values!,
          },
          sizes,
        ),
    };
  });
}
