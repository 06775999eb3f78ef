import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAdamW, createMuon, orthogonalize } from '../../src/optimizers/index.js';
import { fresh, largestDifference, numbersOf, run, specOf } from './support.js';

const numbers = (tensor: tf.Tensor): number[] => [...tensor.dataSync()];

describe('orthogonalize', () => {
  it('moves singular values of a diagonal matrix as the polynomial says, and nothing else', () => {
    const values = [3, 1, 0.2];
    const norm = Math.hypot(...values);
    const expected = values.map((value) => {
      let x = value / norm;
      for (let step = 0; step < 5; step += 1) x = 3.4445 * x - 4.775 * x ** 3 + 2.0315 * x ** 5;
      return x;
    });
    const found = tf.tidy(() => numbers(orthogonalize(tf.diag(tf.tensor1d(values)) as Tensor2D, 5)));
    const diagonal = [expected[0]!, 0, 0, 0, expected[1]!, 0, 0, 0, expected[2]!];
    expect(largestDifference(found, diagonal)).toBeLessThan(1e-5);
    expected.forEach((value) => expect(Math.abs(value - 1)).toBeLessThan(0.35));
  });

  it('of a transposed matrix is the transpose', () => {
    const side = fc.integer({ min: 1, max: 6 });
    fc.assert(
      fc.property(side, side, fc.integer({ min: 1, max: 1000 }), (rows, columns, seed) => {
        tf.tidy(() => {
          const matrix = tf.tensor2d(numbersOf(seed, rows * columns), [rows, columns]);
          const turned = numbers(tf.transpose(orthogonalize(tf.transpose(matrix), 5)));
          expect(largestDifference(numbers(orthogonalize(matrix, 5)), turned)).toBeLessThan(1e-4);
        });
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    [2, 7],
    [7, 2],
  ])('of [%i, %i] forms no product larger than needed', async (rows, columns) => {
    const profile = await tf.profile(() => tf.tidy(() => orthogonalize(tf.ones([rows, columns]), 1)));
    const shapes = profile.kernels
      .filter(({ name }) => name === tf.BatchMatMul)
      .map(({ outputShapes }) => outputShapes[0]!.slice(-2));
    expect(shapes).toEqual([
      [2, 2],
      [2, 2],
      [rows, columns],
    ]);
  });

  it('leaves zeros at zero', () => {
    expect(tf.tidy(() => numbers(orthogonalize(tf.zeros([2, 3]), 5)))).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe('muon', () => {
  const muon = createMuon({ adamw: { learningRate: 0.5, weightDecay: 0.2 } });

  it('is for matrices of layers, private ones too, and AdamW for the rest', () => {
    expect(muon.slots(specOf([2, 3]))).toEqual(['momentum']);
    expect(muon.slots(specOf([2, 3], { sharing: 'position' }))).toEqual(['momentum']);
    expect(muon.slots(specOf([2, 3], { sharing: 'global' }))).toEqual(['m', 'v']);
    expect(muon.slots(specOf([3]))).toEqual(['m', 'v']);
    expect(muon.slots(specOf([2, 3, 4]))).toEqual(['m', 'v']);
  });

  it('updates the rest as AdamW of its own options does, to the last bit', () => {
    const spec = specOf([2, 3], { sharing: 'global' });
    const adamw = createAdamW({ weightDecay: 0.2 });
    const gradients = [1, 2, 3].map((seed) => numbersOf(seed, 6));
    const after = (optimizer: typeof muon, learningRate: number) =>
      run(
        optimizer,
        spec,
        fresh(optimizer, spec, numbersOf(9, 6)),
        gradients.map((gradient) => ({ gradient, learningRate, clip: 0.7 })),
      );
    expect(after(muon, 0.02)).toEqual(after(adamw, 0.01));
  });

  it("scales by the shape: Jordan's ratio goes by what rows are, that to AdamW's size does not", () => {
    const size = (scale: 'original' | 'match-rms-adamw', shape: number[], rows?: 'inputs' | 'outputs') =>
      createMuon({ scale }).scalars(1, 1, specOf(shape, rows ? { rows } : {}))['stepSize'];
    expect(size('original', [4, 16])).toBe(2);
    expect(size('original', [16, 4])).toBe(1);
    expect(size('original', [4, 16], 'outputs')).toBe(1);
    expect(size('original', [16, 4], 'outputs')).toBe(2);
    for (const shape of [
      [4, 16],
      [16, 4],
    ]) {
      expect(size('match-rms-adamw', shape)).toBe(0.8);
      expect(size('match-rms-adamw', shape, 'outputs')).toBe(0.8);
    }
  });

  it('decays by its own option, and not where the parameter says so', () => {
    const left = (weightDecay: number, decay?: boolean): number | undefined => {
      const optimizer = createMuon({ weightDecay });
      const spec = specOf([2, 2], decay === undefined ? {} : { decay });
      const still = { gradient: [0, 0, 0, 0], learningRate: 0.1 };
      return run(optimizer, spec, fresh(optimizer, spec, [1, 1, 1, 1]), [still]).parameter[0];
    };
    const kept = Math.fround(0.95);
    expect([left(0.5), left(0.5, true), left(0.5, false), left(0)]).toEqual([kept, kept, 1, 1]);
  });

  it('moves as far at the same learning rate as AdamW does on its first step, in the mean', () => {
    const spec = specOf([16, 48]);
    const start = new Array<number>(16 * 48).fill(0);
    const rms = (optimizer: typeof muon): number => {
      const update = { gradient: numbersOf(4, start.length), learningRate: 0.01 };
      const { parameter } = run(optimizer, spec, fresh(optimizer, spec, start), [update]);
      return Math.hypot(...parameter) / Math.sqrt(start.length);
    };
    // 0.2 of it, which is what AdamW does once its means have settled: section 2.2 of Liu et al.
    expect(rms(createMuon()) / rms(createAdamW())).toBeGreaterThan(0.15);
    expect(rms(createMuon()) / rms(createAdamW())).toBeLessThan(0.25);
  });
});
