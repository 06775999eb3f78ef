/** Random inputs, and ops run on them with their gradients. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { expect } from 'vitest';

export const numbers = (length: number, size = 2): fc.Arbitrary<number[]> =>
  fc.array(fc.double({ min: -size, max: size, noNaN: true }).map(Math.fround), {
    minLength: length,
    maxLength: length,
  });
export const small = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
export const runs = { numRuns: 15 };

/** Value and gradients of `op`, with `dy` as the gradient of its result. */
export function run(
  op: (...inputs: tf.Tensor[]) => tf.Tensor,
  inputs: [readonly number[], number[]][],
  dy?: readonly number[],
): { value: Float32Array; gradients: Float32Array[] } {
  const found = { value: new Float32Array() as Float32Array, gradients: [] as Float32Array[] };
  tf.tidy(() => {
    const tensors = inputs.map(([values, shape]) => tf.tensor([...values], shape));
    const out = op(...tensors);
    found.value = out.dataSync() as Float32Array;
    const gradients = tf.grads(op)(tensors, tf.tensor([...(dy ?? [1])], out.shape));
    found.gradients = gradients.map((gradient, i) => {
      expect(gradient.shape).toEqual(inputs[i]![1]);
      return gradient.dataSync() as Float32Array;
    });
  });
  return found;
}
