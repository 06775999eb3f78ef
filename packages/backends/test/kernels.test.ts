/** The other mended kernels against the cpu backend, and what holds for all of them: ownership and registration. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  MENDED_KERNELS,
  mendWasmKernels,
  restoreWasmKernels,
  selectBackend,
  type WasmBackend,
} from '../src/index.js';
import { deviation, filled, on, summationTolerance } from './support.js';

const shape = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });

beforeEach(async () => {
  await selectBackend('wasm');
});

describe('UnsortedSegmentSum on wasm', () => {
  it('equals the cpu backend, ids out of range included', async () => {
    await fc.assert(
      fc.asyncProperty(
        shape,
        fc.integer({ min: 1, max: 7 }),
        fc.nat(),
        fc.boolean(),
        async (dims, segments, seed, whole) => {
          const compute = (): tf.Tensor => {
            const ids = Int32Array.from(
              { length: dims[0]! },
              (_, i) => ((i * 31 + seed) % (segments + 2)) - 1,
            );
            const x = tf.mul(filled(dims, seed), 10);
            const cast = whole ? tf.cast(x, 'int32') : x;
            // The cpu backend forgets that sums of integers are integers.
            return tf.cast(tf.unsortedSegmentSum(cast, tf.tensor1d(ids, 'int32'), segments), 'float32');
          };
          expect(deviation(await on('wasm', compute), await on('cpu', compute))).toBeLessThan(
            summationTolerance(10, dims[0]!),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it('adds rows of equal ids, by hand', async () => {
    const [sums] = await on('wasm', () =>
      tf.unsortedSegmentSum(
        tf.tensor2d([
          [1, 2],
          [10, 20],
          [100, 200],
        ]),
        tf.tensor1d([2, 0, 2], 'int32'),
        4,
      ),
    );
    expect(sums).toEqual({ shape: [4, 2], dtype: 'float32', values: [10, 20, 0, 0, 101, 202, 0, 0] });
  });
});

describe('Sum on wasm', () => {
  it('equals the cpu backend over any axes', async () => {
    await fc.assert(
      fc.asyncProperty(
        shape,
        fc.nat(15),
        fc.boolean(),
        fc.constantFrom('float32', 'int32'),
        fc.nat(),
        async (dims, mask, keep, dtype, seed) => {
          const axes = dims.map((_, axis) => axis).filter((axis) => (mask >> axis) % 2 === 1);
          // Written from the back, as callers do; negative axes count from the end.
          const written = axes.reverse().map((axis, i) => (i % 2 === 0 ? axis - dims.length : axis));
          const compute = (): tf.Tensor =>
            tf.sum(tf.cast(tf.mul(filled(dims, seed), 9), dtype as 'int32'), written, keep);
          const terms = axes.reduce((product, axis) => product * dims[axis]!, 1);
          expect(deviation(await on('wasm', compute), await on('cpu', compute))).toBeLessThan(
            summationTolerance(9, terms),
          );
        },
      ),
      { numRuns: 80 },
    );
  });
});

describe('copies on wasm', () => {
  it('share values and outlive each other in any order', async () => {
    for (const original of ['first', 'last'] as const) {
      const before = tf.memory();
      const x = tf.tensor1d([1.5, -2, 3]);
      const copy = tf.clone(x);
      const same = tf.cast(x, 'float32');
      const order = original === 'first' ? [x, copy, same] : [same, copy, x];
      for (const tensor of order) {
        expect([...(await tensor.data())]).toEqual([1.5, -2, 3]);
        tensor.dispose();
      }
      expect(tf.memory().numTensors).toBe(before.numTensors);
      expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
    }
  });

  it('convert types like the cpu backend', async () => {
    const compute = (): tf.Tensor[] => [
      tf.cast(tf.tensor1d([1.7, -1.7, 0]), 'int32'),
      tf.cast(tf.tensor1d([3, -1, 0], 'int32'), 'float32'),
      tf.cast(tf.tensor1d([true, false], 'bool'), 'float32'),
      tf.cast(tf.tensor1d([0.5, 0, -0, 256, NaN, -1]), 'bool'),
      tf.cast(tf.tensor1d([256, 0, -1], 'int32'), 'bool'),
    ];
    expect(deviation(await on('wasm', compute), await on('cpu', compute))).toBe(0);
  });
});

describe('OneHot on wasm', () => {
  it('equals the cpu backend for every type, indices out of range included', async () => {
    const types = fc.constantFrom('float32', 'int32', 'bool' as const);
    await fc.assert(
      fc.asyncProperty(
        shape,
        fc.integer({ min: 2, max: 6 }),
        types,
        fc.nat(),
        async (dims, depth, dtype, seed) => {
          const indices = (): tf.Tensor =>
            tf.tensor(
              Int32Array.from(
                { length: tf.util.sizeFromShape(dims) },
                (_, i) => ((i * 7 + seed) % (depth + 2)) - 1,
              ),
              dims,
            );
          const compute = (): tf.Tensor => tf.oneHot(indices(), depth, 1, 0, dtype as 'float32');
          expect(deviation(await on('wasm', compute), await on('cpu', compute))).toBe(0);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('writes values of its own', async () => {
    const [hot] = await on('wasm', () => tf.oneHot(tf.tensor1d([1, 0], 'int32'), 2, 0.5, -3, 'float32'));
    expect(hot).toEqual({ shape: [2, 2], dtype: 'float32', values: [-3, 0.5, 0.5, -3] });
  });
});

describe('registration', () => {
  it('is done once, on wasm only, and undone', async () => {
    const backend = tf.backend() as WasmBackend;
    const mended = MENDED_KERNELS.map((name) => tf.getKernel(name, 'wasm')!.kernelFunc);
    await selectBackend('cpu');
    const cpu = MENDED_KERNELS.map((name) => tf.getKernel(name, 'cpu')!.kernelFunc);
    expect(cpu.some((kernel) => mended.includes(kernel))).toBe(false);

    mendWasmKernels(backend);
    expect(MENDED_KERNELS.map((name) => tf.getKernel(name, 'wasm')!.kernelFunc)).toEqual(mended);
    restoreWasmKernels();
    expect(tf.getKernel('UnsortedSegmentSum', 'wasm')).toBeUndefined();
    expect(
      MENDED_KERNELS.some((name) => mended.includes(tf.getKernel(name, 'wasm')?.kernelFunc as tf.KernelFunc)),
    ).toBe(false);
    expect(MENDED_KERNELS.map((name) => tf.getKernel(name, 'cpu')!.kernelFunc)).toEqual(cpu);
  });

  it('can be left out', async () => {
    const { detail } = await selectBackend({ name: 'wasm', options: { kernels: 'stock' } });
    expect(detail).toContain('stock kernels');
    expect(tf.getKernel('UnsortedSegmentSum', 'wasm')).toBeUndefined();
  });

  it('leaks no tensor and no heap', async () => {
    const backend = tf.backend() as WasmBackend & { numDataIds(): number };
    const work = (): void =>
      tf.tidy(() => {
        const [a, b] = [filled([2, 7, 5], 1), filled([2, 7, 5], 2)];
        tf.matMul(a, b, false, true);
        tf.fused.matMul({
          a: filled([3, 4], 3),
          b: filled([5, 4], 4),
          transposeB: true,
          bias: filled([5], 5),
          activation: 'relu',
        });
        tf.unsortedSegmentSum(a, tf.tensor1d([1, 0], 'int32'), 3);
        tf.sum(a, 0);
        tf.cast(tf.clone(b), 'float32');
      });
    work();
    const before = {
      tensors: tf.memory().numTensors,
      bytes: tf.memory().numBytes,
      data: backend.numDataIds(),
    };
    for (let i = 0; i < 50; i += 1) work();
    expect({
      tensors: tf.memory().numTensors,
      bytes: tf.memory().numBytes,
      data: backend.numDataIds(),
    }).toEqual(before);
  });
});
