/**
 * Kernels that work block by block, against tfjs's own ops on the plain JavaScript backend: sizes that need more than one
 * block. (On small random shapes every op is held to plain loops in `ops.test.ts`, on all backends.)
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { causalMask, causalSelfAttention } from '../src/ops/attention.js';
import { linearCrossEntropy } from '../src/ops/cross-entropy.js';
import { registerMatMulGradient } from '../src/ops/mat-mul-gradient.js';
import { mlp } from '../src/ops/mlp.js';
import type { Activation } from '../src/ops/gelu.js';
import { BACKENDS } from './support/backends.js';
import { expectClose } from './support/close.js';

beforeEach(() => registerMatMulGradient());

/** Numbers in (-spread, spread) that depend on nothing but the seed and their place. */
const numbers = (seed: number, length: number, spread: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => spread * Math.sin(12.9898 * (i + 1) + 78.233 * seed + 0.1 * i * i));

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, n) => size * n, 1);

/** Value and gradients, the result's own gradient being some numbers that are not all alike. */
async function run(
  backend: string,
  shapes: number[][],
  op: (...inputs: Tensor[]) => Tensor,
): Promise<Float32Array[]> {
  await tf.setBackend(backend);
  const before = tf.memory().numTensors;
  const found: Float32Array[] = [];
  tf.tidy(() => {
    const inputs = shapes.map((shape, index) => tf.tensor(numbers(index, sizeOf(shape), 0.5), shape));
    const value = op(...inputs);
    const dy = tf.tensor(numbers(9, value.size, 1), value.shape);
    for (const result of [value, ...tf.grads(op)(inputs, dy)]) found.push(result.dataSync() as Float32Array);
  });
  expect(tf.memory().numTensors).toBe(before);
  return found;
}

describe.skipIf(!BACKENDS.includes('onnxruntime'))('fused kernels in blocks equal their twins', () => {
  async function compare(shapes: number[][], op: (...inputs: Tensor[]) => Tensor): Promise<void> {
    const expected = await run('cpu', shapes, op);
    const found = await run('onnxruntime', shapes, op);
    expect(found.length).toBe(shapes.length + 1);
    found.forEach((values, index) =>
      expectClose(values, [...expected[index]!], 2e-5, 1e-4, `result ${index}`),
    );
  }

  it.each(['gelu', 'gelu_new'] as Activation[])('the MLP with %s, three blocks of rows', async (kind) => {
    // 2^20 / 5000 = 209 rows a block.
    const [rows, width, inner] = [450, 2, 5000];
    await compare(
      [[rows, width], [width, inner], [inner], [inner, width], [width]],
      (x, input, inputBias, output, outputBias) =>
        mlp(
          x as Tensor2D,
          {
            input: input as Tensor2D,
            inputBias: inputBias as Tensor1D,
            output: output as Tensor2D,
            outputBias: outputBias as Tensor1D,
          },
          kind,
        ),
    );
  });

  it('cross-entropy of a linear head, three blocks of rows', async () => {
    // 2^21 / 40 000 = 52 rows a block.
    const [rows, width, classes] = [120, 2, 40_000];
    const labels = Int32Array.from({ length: rows }, (_, i) => (i * 7919) % classes);
    await compare(
      [
        [rows, width],
        [classes, width],
      ],
      (x, table) => linearCrossEntropy(x as Tensor2D, table as Tensor2D, tf.tensor1d(labels, 'int32')),
    );
  });
});

describe.each(BACKENDS)('causal self-attention on %s', (backend) => {
  it('gives a masked position no influence at all, however large its scores are', async () => {
    await tf.setBackend(backend);
    const shape = { batch: 1, time: 4, heads: 1, size: 2 };
    const mixed = (last: number): number[] =>
      tf.tidy(() => {
        const qkv = numbers(2, 4 * 6, 1);
        qkv.fill(last, 18); // query, key and value of the last position
        const value = causalSelfAttention(tf.tensor2d(qkv, [4, 6]), causalMask(4), shape);
        return [...value.dataSync()].slice(0, 6);
      });
    const calm = mixed(0);
    expect(mixed(1e4)).toEqual(calm);
    expect(mixed(-1e4)).toEqual(calm);
  });
});
