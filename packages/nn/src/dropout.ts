/**
 * Inverted dropout masks from a seed. The numbers come from our own generator, not from the backend's, so that
 * one seed gives one mask on every backend, and because a mask of a million entries then takes milliseconds.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Rank, ShapeMap, Tensor } from '@tensorflow/tfjs-core';
import { withGradient } from './gradient/custom-gradient.js';

/** What to drop: the probability, and where a fresh seed for each mask comes from. */
export interface Dropout {
  /** Probability that an entry is dropped, in [0, 1). */
  readonly rate: number;
  readonly seed: () => number;
}

/**
 * A mask of zeros (with probability `rate`) and 1 / (1 - rate), so that the mean of a masked value is unchanged.
 * Generator: sfc32 (C. Doty-Humphrey, PractRand), seeded with the 32 low bits of `seed`.
 */
export function dropoutMask<R extends Rank>(shape: ShapeMap[R], rate: number, seed: number): Tensor<R> {
  const size = shape.reduce((product: number, n: number) => product * n, 1);
  const mask = new Float32Array(size);
  const keep = 1 / (1 - rate);
  const threshold = rate * 2 ** 32;
  let a = seed | 0;
  let b = Math.floor(seed / 2 ** 32) | 0;
  let c = 0x9e3779b9 | 0;
  let counter = 1;
  // The first 12 rounds only mix the seed.
  for (let i = -12; i < size; i += 1) {
    const t = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    c |= 0;
    if (i >= 0) mask[i] = t >>> 0 >= threshold ? keep : 0;
  }
  return tf.tensor<R>(mask, shape);
}

/** x with entries dropped; x itself where there is no dropout. */
export function dropoutOf<T extends Tensor>(x: T, dropout: Dropout | undefined): T {
  if (!dropout) return x;
  return withGradient<T>([x], (save) => {
    const mask = dropoutMask(x.shape as [number], dropout.rate, dropout.seed());
    save([mask]);
    return { value: tf.mul(x, mask) as T, gradient: (dy, [mask]) => [tf.mul(dy, mask!)] };
  });
}
