/**
 * Linear centered kernel alignment (Kornblith, Norouzi, Lee & Hinton, Similarity of Neural Network Representations
 * Revisited, ICML 2019, section 3): |Yc' Xc|^2 / (|Xc' Xc| |Yc' Yc|), Frobenius norms, Xc and Yc with centered columns.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { symmetric } from './cosine.js';

/**
 * The alignment of every two states of the same rows.
 *
 * @param states [rows, width] each; widths may differ. They stay the caller's
 * @returns [states][states], 1 on the diagonal; 0 beside a state whose rows are all equal
 */
export async function linearCka(states: readonly Tensor2D[]): Promise<number[][]> {
  const centered = states.map(centeredUnit);
  try {
    const own: number[] = [];
    for (const state of centered) own.push(Math.sqrt(await crossNorm(state, state)));
    const pairs = new Map<number, number>();
    for (let i = 0; i < centered.length; i += 1) {
      // One pair at a time: equal shapes are one graph where the backend makes graphs, and only [width, width] is held.
      for (let j = i + 1; j < centered.length; j += 1) {
        const scale = own[i]! * own[j]!;
        const value = scale === 0 ? 0 : (await crossNorm(centered[i]!, centered[j]!)) / scale;
        pairs.set(i * centered.length + j, value);
      }
    }
    return symmetric(centered.length, (i, j) => pairs.get(i * centered.length + j)!);
  } finally {
    tf.dispose(centered);
  }
}

/**
 * Columns of mean zero, and a Frobenius norm of one: fourth powers of activations would leave the range of float32.
 * The alignment does not depend on the scale. Equal rows stay zero.
 */
function centeredUnit(state: Tensor2D): Tensor2D {
  return tf.tidy(() => {
    const centered = tf.sub(state, tf.mean(state, 0, true));
    // First by the largest entry, or the squares could overflow.
    const largest = tf.max(tf.abs(centered));
    const bounded = tf.divNoNan(centered, largest);
    return tf.divNoNan(bounded, tf.sqrt(tf.sum(tf.square(bounded)))) as Tensor2D;
  });
}

/** |Y' X|^2 */
async function crossNorm(x: Tensor2D, y: Tensor2D): Promise<number> {
  const sum = tf.tidy((): Scalar => tf.sum(tf.square(tf.matMul(y, x, true))));
  try {
    return (await sum.data())[0]!;
  } finally {
    sum.dispose();
  }
}
