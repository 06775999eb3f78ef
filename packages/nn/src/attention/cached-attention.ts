/**
 * Attention of one new token over the keys and values of the tokens before it (Vaswani et al. 2017, arXiv 1706.03762,
 * section 3.2; for the cache Shazeer 2019, arXiv 1911.02150, section 2.3). The cache has the full context from the
 * start and the position is a tensor, so all steps have one structure: a backend that compiles graphs makes one.
 * Heads come first, so that nothing is ever transposed. No gradient.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import type { AttentionInput } from './attention-input.js';
import { MASKED } from './masks.js';
import { turned } from './rotary.js';
import type { RotaryTables } from './rotary.js';

// Types and not interfaces, because tf.tidy takes none.

/** What one layer keeps, [keyValueHeads, context, size] each; rows from the position on hold anything finite. */
export type KeyValues = {
  /** Turned by their positions where these are rotary. */
  readonly keys: Tensor3D;
  readonly values: Tensor3D;
};

/** Where a step reads and writes; the same for all layers. */
export type StepPlace = {
  /** Rows that it writes in a cache seen as [keyValueHeads * context, size]: [keyValueHeads, 1] int32. */
  readonly rows: Tensor2D;
  /** Added to the scores: 0 up to the position, far below any score behind it. [context] */
  readonly mask: Tensor1D;
};

/** @param position [1] int32 in [0, context), not checked */
export function stepPlace(position: Tensor1D, keyValueHeads: number, context: number): StepPlace {
  return tf.tidy(() => {
    const firstRows = tf.range(0, keyValueHeads * context, context, 'int32'); // [keyValueHeads]
    const later = tf.greater(tf.range(0, context, 1, 'int32'), position);
    return {
      rows: tf.reshape(tf.add(firstRows, position), [keyValueHeads, 1]), // [keyValueHeads] -> [keyValueHeads, 1]
      mask: tf.mul(tf.cast(later, 'float32'), MASKED) as Tensor1D,
    };
  });
}

/**
 * Keys and values of the first `time` tokens of one sequence as a cache.
 *
 * @param input of those tokens, as `selfAttention` takes it; packed only where every head has its own keys
 * @param rotary of positions 0 to time - 1
 */
export function filledCache(
  input: AttentionInput,
  keyValueHeads: number,
  context: number,
  rotary?: RotaryTables,
): KeyValues {
  return tf.tidy(() => {
    const [, k, v] = partsOf(input);
    const time = k.shape[0];
    // [time, keyValueHeads * size] -> [keyValueHeads, time, size]
    const heads = (x: Tensor2D): Tensor3D =>
      tf.transpose(tf.reshape(x, [time, keyValueHeads, x.shape[1] / keyValueHeads]), [1, 0, 2]);
    // [keyValueHeads, time, size] -> [keyValueHeads, context, size]
    const behind: [number, number] = [0, context - time];
    const cache = (rows: Tensor3D): Tensor3D =>
      time === context ? rows : tf.pad3d(rows, [[0, 0], behind, [0, 0]]);
    return { keys: cache(rotary ? turned(heads(k), rotary) : heads(k)), values: cache(heads(v)) };
  });
}

/**
 * @param input of the new token, one row
 * @param rotary of its position, one row
 * @returns what it attends to, [1, heads * size], and the cache with it
 */
export function cachedAttention(
  input: AttentionInput,
  cache: KeyValues,
  { rows, mask }: StepPlace,
  rotary?: RotaryTables,
): KeyValues & { readonly mixed: Tensor2D } {
  const [keyValueHeads, context, size] = cache.keys.shape;
  return tf.tidy(() => {
    const [q, k, v] = partsOf(input);
    const heads = q.shape[1] / size;
    // One token, so [1, n * size] read as [n, 1, size] is in order.
    const angled = (x: Tensor2D): Tensor3D => {
      const apart = tf.reshape(x, [x.shape[1] / size, 1, size]) as Tensor3D;
      return rotary ? turned(apart, rotary) : apart;
    };
    const written = (x: Tensor3D, old: Tensor3D): Tensor3D => {
      const flat = tf.reshape(old, [keyValueHeads * context, size]);
      return tf.reshape(tf.tensorScatterUpdate(flat, rows, tf.reshape(x, [keyValueHeads, size])), old.shape);
    };
    const keys = written(angled(k), cache.keys);
    const values = written(tf.reshape(v, [keyValueHeads, 1, size]), cache.values);
    // Heads that share keys and values are rows of one product.
    const shape: [number, number, number] = [keyValueHeads, heads / keyValueHeads, size];
    const queries = tf.reshape(angled(tf.mul(q, 1 / Math.sqrt(size))), shape);
    const scores = tf.add(tf.matMul(queries, keys, false, true), mask); // [keyValueHeads, group, context]
    const mixed = tf.matMul(tf.softmax(scores) as Tensor3D, values); // [keyValueHeads, group, size]
    return { keys, values, mixed: tf.reshape(mixed, [1, heads * size]) };
  });
}

function partsOf(input: AttentionInput): [Tensor2D, Tensor2D, Tensor2D] {
  if ('queries' in input) return [input.queries, input.keys, input.values];
  return tf.split(input, 3, 1) as [Tensor2D, Tensor2D, Tensor2D];
}
