/**
 * What attention may not look at, as numbers that are added to its scores: 0 where a position may look, and far below
 * any score where it may not. Masks add up: causal plus padding is both.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';

/** Not -Infinity: its exponential is exactly 0 too, and no kernel meets Infinity - Infinity. */
export const MASKED = -1e9;

/** No position sees a later one: [time, time] float32, queries by keys. */
export function causalMask(time: number): Tensor2D {
  const mask = new Float32Array(time * time);
  for (let row = 0; row < time; row += 1) mask.fill(MASKED, row * time + row + 1, (row + 1) * time);
  return tf.tensor2d(mask, [time, time]);
}

/**
 * Nobody sees a position that is padding.
 *
 * @param present [batch, time], 1 for a token and 0 for padding, of any type (Hugging Face's `attention_mask`)
 * @returns [batch, 1, 1, time] float32
 */
export function paddingMask(present: Tensor2D): Tensor4D {
  const [batch, time] = present.shape;
  return tf.tidy(() => {
    const absent = tf.sub(1, tf.cast(present, 'float32'));
    return tf.reshape(tf.mul(absent, MASKED), [batch, 1, 1, time]); // [batch, time] -> [batch, 1, 1, time]
  });
}
