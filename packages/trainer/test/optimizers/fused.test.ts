/** The kernel that a backend may bring for AdamW, beside tfjs's own ops. */
import '@tensorflow/tfjs-backend-cpu';
import { loadBinding } from '@ligature/backend-onnxruntime';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { globalNorm } from '../../src/clip.js';
import { createAdamW } from '../../src/optimizers/index.js';
import { scalarTensors, sharedTensors, specOf } from './support.js';

function hasOnnxRuntime(): boolean {
  try {
    loadBinding();
    return true;
  } catch (error) {
    console.warn(`not tested on onnxruntime: ${(error as Error).message}`);
    return false;
  }
}

afterAll(async () => {
  await tf.setBackend('cpu');
});

describe.skipIf(!hasOnnxRuntime())('FusedAdamW and SumOfSquares on onnxruntime', () => {
  it('update parameters of any shape as the composite does', async () => {
    const numbers = (seed: number, size: number): Float32Array =>
      Float32Array.from({ length: size }, (_, i) => Math.sin(12.9898 * (i + 1) + 78.233 * seed));
    const update = async (backend: string, shape: number[], decays: boolean): Promise<number[]> => {
      await tf.setBackend(backend);
      expect(tf.getKernel('FusedAdamW', backend) !== undefined).toBe(backend === 'onnxruntime');
      const size = shape.reduce((product, n) => product * n, 1);
      const optimizer = createAdamW({ weightDecay: decays ? 0.1 : 0, decay: 'all' });
      const spec = specOf(shape);
      return tf.tidy(() => {
        const of = (seed: number): tf.Tensor => tf.tensor(numbers(seed, size), shape);
        const next = optimizer.update({
          ...{ parameter: of(1), gradient: of(4), slots: { m: of(2), v: tf.square(of(3)) } },
          scalars: scalarTensors(optimizer.scalars(0.01, 3, spec)),
          shared: sharedTensors(optimizer, 0.01, tf.scalar(1)),
          spec,
          group: 'a',
        });
        const { m, v } = next.slots as Record<'m' | 'v', tf.Tensor>;
        const norm = globalNorm([next.parameter, m, tf.scalar(2)], ['a', 'a', 'b']);
        return [next.parameter, m, v, norm].flatMap((tensor) => [...tensor.dataSync()]);
      });
    };
    const shapes = fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(shapes, fc.boolean(), async (shape, decays) => {
        const expected = await update('cpu', shape, decays);
        const found = await update('onnxruntime', shape, decays);
        expect(found.length).toBe(expected.length);
        found.forEach((value, index) => expect(Math.abs(value - expected[index]!)).toBeLessThan(1e-5));
      }),
      { numRuns: 15 },
    );
  });
});
