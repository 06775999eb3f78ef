/**
 * Kernels that work block by block, against tfjs's own ops on the plain JavaScript backend: sizes that need more than one
 * block. (On small random shapes every op is held to plain loops in `ops.test.ts`, on all backends.)
 */
import { mlp, projectedCrossEntropy, registerMatMulGradient, selfAttention, swiglu } from '@ligature/nn';
import type { QueriesKeysValues } from '@ligature/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { beforeEach, describe, expect, it } from 'vitest';
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

  it.each([
    ['gelu', 'inputs'],
    ['gelu_new', 'inputs'],
    ['gelu_new', 'outputs'],
  ] as const)('the MLP with %s, rows being %s, three blocks of rows', async (kind, matrix) => {
    // 2^20 / 5000 = 209 rows a block.
    const [rows, width, inner] = [450, 2, 5000];
    const [input, output] = [
      [width, inner],
      [inner, width],
    ].map((shape) => (matrix === 'outputs' ? shape.reverse() : shape)) as [number[], number[]];
    await compare(
      [[rows, width], input, [inner], output, [width]],
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
          matrix,
        ),
    );
  });

  it('the gated MLP, three blocks of rows', async () => {
    const [rows, width, inner] = [450, 2, 5000];
    await compare(
      [
        [rows, width],
        [inner, width],
        [inner, width],
        [width, inner],
      ],
      (x, gate, up, down) =>
        swiglu(x as Tensor2D, { gate: gate as Tensor2D, up: up as Tensor2D, down: down as Tensor2D }),
    );
  });

  it.each([
    ['every label', 1],
    ['one label in seven', 7],
  ])('cross-entropy over %s, three blocks of rows', async (_, every) => {
    // 2^21 / 40 000 = 52 rows a block.
    const [rows, width, classes] = [120, 2, 40_000];
    const labels = Int32Array.from({ length: rows }, (_, i) =>
      i % every === 0 ? (i * 7919) % classes : -100,
    );
    await compare(
      [
        [rows, width],
        [classes, width],
      ],
      (x, table) =>
        projectedCrossEntropy(
          { features: x as Tensor2D, weight: table as Tensor2D },
          tf.tensor1d(labels, 'int32'),
          { ignoreNegative: every > 1 },
        ),
    );
  });
});

describe.skipIf(!BACKENDS.includes('onnxruntime'))('fused kernels equal their twins', () => {
  it('causal attention, packed or apart', async () => {
    const shape = { batch: 3, time: 40, heads: 4, size: 8 };
    const [rows, width] = [3 * 40, 32];
    const packed = async (backend: string): Promise<Float32Array[]> =>
      run(backend, [[rows, 3 * width]], (x) => selfAttention(x as Tensor2D, shape, { mask: 'causal' }));
    const apart = async (backend: string): Promise<Float32Array[]> =>
      run(backend, Array<number[]>(3).fill([rows, width]), (queries, keys, values) =>
        selfAttention({ queries, keys, values } as QueriesKeysValues, shape, { mask: 'causal' }),
      );
    for (const attend of [packed, apart]) {
      const expected = await attend('cpu');
      (await attend('onnxruntime')).forEach((values, index) =>
        expectClose(values, [...expected[index]!], 2e-6, 1e-4, `result ${index}`),
      );
    }
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
        const value = selfAttention(tf.tensor2d(qkv, [4, 6]), shape, { mask: 'causal' });
        return [...value.dataSync()].slice(0, 6);
      });
    const calm = mixed(0);
    expect(mixed(1e4)).toEqual(calm);
    expect(mixed(-1e4)).toEqual(calm);
  });
});
