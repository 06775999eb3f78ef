import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { clipFactor, globalNorm } from '../src/index.js';

const read = (make: () => tf.Tensor): number => tf.tidy(() => make().dataSync()[0] as number);

describe('clipping by the global norm', () => {
  it('takes one norm over all tensors: 3, 4 and 12 make 13', () => {
    expect(read(() => globalNorm([tf.tensor2d([[3], [-4]]), tf.scalar(12)]))).toBeCloseTo(13, 5);
    expect(read(() => globalNorm([tf.tensor1d([3, 4])]))).toBeCloseTo(5, 6);
  });

  it('scales down to the maximum and never up', () => {
    expect(read(() => clipFactor(tf.scalar(4), 1))).toBeCloseTo(1 / (4 + 1e-6), 7);
    expect(read(() => clipFactor(tf.scalar(0.5), 1))).toBe(1);
    expect(read(() => clipFactor(tf.scalar(0), 1))).toBe(1);
  });

  it("keeps torch's epsilon: a norm of 2e-6 against a maximum of 1e-6 gives a third, not a half", () => {
    expect(read(() => clipFactor(tf.scalar(2e-6), 1e-6))).toBeCloseTo(1 / 3, 5);
  });
});
