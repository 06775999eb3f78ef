/**
 * Attention of one new token over the keys and values of the tokens before it (Vaswani et al. 2017, arXiv 1706.03762,
 * section 3.2; for the cache Shazeer 2019, arXiv 1911.02150, section 2.3). The cache has the full context from the
 * start and the position is a tensor, so all steps have one structure: a backend that compiles graphs makes one.
 * Heads come first, so that nothing is ever transposed. No gradient.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import { MASKED } from './masks.js';

// Types and not interfaces, because tf.tidy takes none.

/** What one layer keeps, [heads, context, size] each; rows from the position on hold anything finite. */
export type KeyValues = {
  readonly keys: Tensor3D;
  readonly values: Tensor3D;
};

/** Where a step reads and writes; the same for all layers. */
export type StepPlace = {
  /** Rows that it writes in a cache seen as [heads * context, size]: [heads, 1] int32. */
  readonly rows: Tensor2D;
  /** Added to the scores: 0 up to the position, far below any score behind it. [context] */
  readonly mask: Tensor1D;
};

/** @param position [1] int32 in [0, context), not checked */
export function stepPlace(position: Tensor1D, heads: number, context: number): StepPlace {
  return tf.tidy(() => {
    const firstRows = tf.range(0, heads * context, context, 'int32'); // [heads]
    const later = tf.greater(tf.range(0, context, 1, 'int32'), position);
    return {
      rows: tf.reshape(tf.add(firstRows, position), [heads, 1]), // [heads] -> [heads, 1]
      mask: tf.mul(tf.cast(later, 'float32'), MASKED) as Tensor1D,
    };
  });
}

/** Keys and values of the first `time` tokens of one sequence, qkv [time, 3 * heads * size], as a cache. */
export function filledCache(qkv: Tensor2D, heads: number, context: number): KeyValues {
  const [time, width] = [qkv.shape[0], qkv.shape[1] / 3];
  return tf.tidy(() => {
    const [, k, v] = tf.split(qkv, 3, 1) as [Tensor2D, Tensor2D, Tensor2D];
    // [time, heads * size] -> [heads, time, size] -> [heads, context, size]
    const cache = (x: Tensor2D): Tensor3D => {
      const rows = tf.transpose(tf.reshape(x, [time, heads, width / heads]), [1, 0, 2]) as Tensor3D;
      const behind: [number, number] = [0, context - time];
      return time === context ? rows : tf.pad3d(rows, [[0, 0], behind, [0, 0]]);
    };
    return { keys: cache(k), values: cache(v) };
  });
}

/** qkv [1, 3 * heads * size] of the new token -> what it attends to, [1, heads * size], and the cache with it. */
export function cachedAttention(
  qkv: Tensor2D,
  cache: KeyValues,
  { rows, mask }: StepPlace,
): KeyValues & { readonly mixed: Tensor2D } {
  const [heads, context, size] = cache.keys.shape;
  return tf.tidy(() => {
    const [q, k, v] = tf.split(qkv, 3, 1) as [Tensor2D, Tensor2D, Tensor2D];
    // One token, so [1, heads * size] read as [heads, size] is in order.
    const written = (x: Tensor2D, old: Tensor3D): Tensor3D => {
      const flat = tf.reshape(old, [heads * context, size]);
      return tf.reshape(tf.tensorScatterUpdate(flat, rows, tf.reshape(x, [heads, size])), old.shape);
    };
    const [keys, values] = [written(k, cache.keys), written(v, cache.values)];
    const queries = tf.reshape(tf.mul(q, 1 / Math.sqrt(size)), [heads, 1, size]);
    const scores = tf.add(tf.matMul(queries, keys, false, true), mask); // [heads, 1, context]
    const mixed = tf.matMul(tf.softmax(scores) as Tensor3D, values); // [heads, 1, size]
    return { keys, values, mixed: tf.reshape(mixed, [1, heads * size]) };
  });
}
