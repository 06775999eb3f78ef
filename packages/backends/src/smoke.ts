/**
 * The computation that a backend must get right before it is taken: a product of two matrices and both its gradients
 * through the tape. Small, but it loads the native part, allocates, multiplies in three layouts and reads back,
 * which is where broken installations show. The expected values are worked out by hand.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';

const A = [1, 2, 3, 4, 5, 6]; // [3, 2]
const B = [1, -1, 2, 0, 0.5, 2, -1, 3]; // [2, 4]
const WEIGHTS = [1, 0, -1, 2, 0, 1, 1, 0, 2, -1, 0, 1]; // [3, 4]: dL/d(AB)

const EXPECTED = {
  product: [2, 3, 0, 6, 5, 5, 2, 12, 8, 7, 4, 18],
  left: [-1, 7.5, 1, 1, 3, 2], // weights · Bᵀ
  right: [11, -2, 2, 7, 14, -2, 2, 10], // Aᵀ · weights
} as const;

/** The gradient is given here, because tfjs-core on its own comes with none registered. */
const productOf = tf.customGrad<Tensor2D>((a, b, save) => {
  const [left, right] = [a as Tensor2D, b as Tensor2D];
  (save as (tensors: Tensor[]) => void)([left, right]);
  return {
    value: tf.matMul(left, right) as Tensor2D,
    gradFunc: (dy, saved) => {
      const [savedLeft, savedRight] = saved as [Tensor2D, Tensor2D];
      return [tf.matMul(dy, savedRight, false, true), tf.matMul(savedLeft, dy, true, false)];
    },
  };
});

/** Runs it on the current tfjs backend. @throws Error naming the value that is wrong. */
export async function smokeTest(): Promise<void> {
  const tensors = tf.tidy(() => {
    const a = tf.tensor2d(A, [3, 2]);
    const b = tf.tensor2d(B, [2, 4]);
    const { value, grads } = tf.valueAndGrads((left, right) => productOf(left!, right!))(
      [a, b],
      tf.tensor2d(WEIGHTS, [3, 4]),
    );
    return { product: value, left: grads[0]!, right: grads[1]! };
  });
  try {
    for (const [name, expected] of Object.entries(EXPECTED)) {
      const found = await tensors[name as keyof typeof EXPECTED].data();
      expected.forEach((value, index) => {
        // Negated, so that NaN is wrong, too.
        if (!(Math.abs(found[index]! - value) <= 1e-4)) {
          const kind = name === 'product' ? 'a product' : `a product's ${name} gradient`;
          throw new Error(
            `it computes ${kind} as [${[...found].join(', ')}] and not [${expected.join(', ')}]`,
          );
        }
      });
    }
  } finally {
    tf.dispose(Object.values(tensors));
  }
}
