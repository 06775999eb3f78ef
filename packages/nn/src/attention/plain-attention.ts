/**
 * Multi-head self-attention (Vaswani et al. 2017, arXiv 1706.03762, section 3.2) of tfjs's own ops, with any mask:
 * softmax(q kᵀ / sqrt(d) + mask) v for each head, dropout on the probabilities.
 *
 * The gradient is the closed form of FlashAttention (Dao et al. 2022, arXiv 2205.14135, appendix B.2): the
 * row sums of dP * P equal those of dO * O, which are width instead of time wide. Every product is arranged so
 * that no operand is transposed on the fly: only [.., time, size] pieces are transposed, never the
 * [time, time] probabilities.
 *
 * Heads of queries that share keys and values stand below each other, [group * time, size], so that every product with
 * those is one product, and their gradients are sums over the group without further ado.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import { dropoutMask } from '../dropout.js';
import type { Dropout } from '../dropout.js';
import { withGradient } from '../gradient/custom-gradient.js';
import { tensorsOf } from './attention-input.js';
import type { AttentionInput, AttentionShape } from './attention-input.js';
import { turned } from './rotary.js';
import type { RotaryTables } from './rotary.js';

/** The mask has rank 2 or 4; see `AttentionOptions`. -> [batch * time, heads * size] */
export function plainAttention(
  input: AttentionInput,
  shape: AttentionShape,
  mask: Tensor | undefined,
  dropout: Dropout | undefined,
  rotary: RotaryTables | undefined,
): Tensor2D {
  const { batch, time, heads, size, keyValueHeads = heads } = shape;
  const scale = 1 / Math.sqrt(size);

  /** [batch * time, n * size] -> [batch * n, time, size] */
  const rows = (x: Tensor, n: number): Tensor3D =>
    tf.reshape(tf.transpose(tf.reshape(x, [batch, time, n, size]), [0, 2, 1, 3]), [batch * n, time, size]);
  /** [batch * time, n * size] -> [batch * n, size, time] */
  const columns = (x: Tensor, n: number): Tensor3D =>
    tf.reshape(tf.transpose(tf.reshape(x, [batch, time, n, size]), [0, 2, 3, 1]), [batch * n, size, time]);
  /** [batch * n, time, size] -> [batch * time, n * size] */
  const mergeRows = (x: Tensor, n: number): Tensor2D =>
    tf.reshape(tf.transpose(tf.reshape(x, [batch, n, time, size]), [0, 2, 1, 3]), [batch * time, n * size]);
  /** [batch * n, size, time] -> [batch * time, n * size] */
  const mergeColumns = (x: Tensor, n: number): Tensor2D =>
    tf.reshape(tf.transpose(tf.reshape(x, [batch, n, size, time]), [0, 3, 1, 2]), [batch * time, n * size]);
  /** [.., a, b] <-> [.., b, a] */
  const flip = (x: Tensor): Tensor3D => tf.transpose(x as Tensor3D, [0, 2, 1]);

  const group = heads / keyValueHeads;
  /** [batch * heads, time, n] -> [batch * keyValueHeads, group * time, n]: as it lies in memory */
  const grouped = (x: Tensor): Tensor3D =>
    group === 1
      ? (x as Tensor3D)
      : tf.reshape(x, [batch * keyValueHeads, group * time, x.size / (batch * heads * time)]);
  /** And back. */
  const apart = (x: Tensor): Tensor3D =>
    group === 1 ? (x as Tensor3D) : tf.reshape(x, [batch * heads, time, x.size / (batch * heads * time)]);

  const inputs = tensorsOf(input);
  const tables = rotary ? [rotary.cos, rotary.sin] : [];
  return withGradient<Tensor2D>(inputs, (save) => {
    const widths = [heads, keyValueHeads, keyValueHeads].map((n) => n * size);
    const [q, k, v] = (inputs.length === 1 ? tf.split(inputs[0]!, widths, 1) : inputs) as [
      Tensor2D,
      Tensor2D,
      Tensor2D,
    ];
    const asked = tf.mul(rows(q, heads), scale) as Tensor3D;
    const queries = grouped(rotary ? turned(asked, rotary) : asked); // [batch * keyValueHeads, group * time, size]
    const keys = rotary ? flip(turned(rows(k, keyValueHeads), rotary)) : columns(k, keyValueHeads); // [.., size, time]
    const values = rows(v, keyValueHeads); // [batch * keyValueHeads, time, size]
    const scores = apart(tf.matMul(queries, keys)); // [batch * heads, time, time]
    const probabilities = tf.softmax(masked(scores, mask, shape));
    const drop = dropout && dropoutMask<tf.Rank.R3>(probabilities.shape, dropout.rate, dropout.seed());
    const mixing = drop ? tf.mul(probabilities, drop) : probabilities;
    const value = mergeRows(tf.matMul(grouped(mixing), values), heads);
    save([queries, keys, values, value, probabilities, ...tables, ...(drop ? [drop, mixing] : [])]);
    return {
      value,
      gradient: (dy, saved) => {
        const [queries, keys, values, value, probabilities, ...rest] = saved;
        const angles = rotary && { cos: rest[0] as Tensor2D, sin: rest[1] as Tensor2D };
        const [drop, mixing] = rest.slice(tables.length);
        const dOut = grouped(rows(dy, heads));
        // With groups the columns of a group's heads stand side by side: [.., size, group * time].
        const dOutColumns = group === 1 ? columns(dy, heads) : flip(dOut);
        const dValues = tf.matMul(dOutColumns, grouped(mixing ?? probabilities!)); // [.., size, time]
        const dMixing = apart(tf.matMul(dOut, flip(values!))); // [.., time, time]
        const dProbabilities = drop ? tf.mul(dMixing, drop) : dMixing;
        // [batch * time, heads * size] -> [batch, time, heads, size] -> [batch, time, heads]
        const perHead = tf.sum(tf.reshape(tf.mul(dy, value!), [batch, time, heads, size]), 3);
        // -> [batch, heads, time] -> [batch * heads, time, 1]
        const rowSums = tf.reshape(tf.transpose(perHead, [0, 2, 1]), [batch * heads, time, 1]);
        const dScores = grouped(tf.mul(probabilities!, tf.sub(dProbabilities, rowSums)));
        const dTurned = apart(tf.mul(tf.matMul(dScores, flip(keys!)), scale)); // [batch * heads, time, size]
        const dKeys = tf.matMul(flip(queries!), dScores) as Tensor3D; // [.., size, time]
        const parts = [
          mergeRows(angles ? turned(dTurned, angles, true) : dTurned, heads),
          angles
            ? mergeRows(turned(flip(dKeys), angles, true), keyValueHeads)
            : mergeColumns(dKeys, keyValueHeads),
          mergeColumns(dValues, keyValueHeads),
        ];
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
