/**
 * Newton-Schulz iteration (Jordan et al. 2024): brings all singular values of a matrix near one, between about 0.7 and
 * 1.2, and leaves its singular vectors as they are. The coefficients make small singular values grow fast instead of
 * making the iteration converge.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { globalNorm } from '../clip.js';

const [A, B, C] = [3.4445, -4.775, 2.0315];
/** Keeps a matrix of zeros at zero; torch's constant. */
const NORM_EPSILON = 1e-7;

/**
 * X <- a X + (b X Xᵀ + c (X Xᵀ)²) X, with the smaller one of X Xᵀ and XᵀX; [rows, columns] -> the same, new.
 *
 * In float32, where torch and the original compute in bfloat16.
 */
export function orthogonalize(matrix: Tensor2D, steps: number): Tensor2D {
  return tf.tidy(() => {
    const [rows, columns] = matrix.shape;
    const wide = rows <= columns;
    // The Frobenius norm, which is no less than the largest singular value.
    let x = tf.div<Tensor2D>(matrix, tf.maximum(globalNorm([matrix]), NORM_EPSILON));
    for (let step = 0; step < steps; step += 1) {
      const gram = tf.matMul(x, x, !wide, wide);
      const polynomial: Tensor2D = tf.add(tf.mul(gram, B), tf.mul(tf.matMul(gram, gram), C));
      const moved = wide ? tf.matMul(polynomial, x) : tf.matMul(x, polynomial);
      x = tf.add(tf.mul(x, A), moved);
    }
    return x;
  });
}
