/** Long sums on the wasm backend against float64. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { selectBackend } from '../src/index.js';

/** Of the sum of all magnitudes. */
const BOUND = 1e-5;
const TENTH = Math.fround(0.1);

beforeEach(async () => {
  await selectBackend('wasm');
});

/** The largest difference of what a computation gives to one number. */
function errorOf(compute: () => tf.Tensor, expected: number): number {
  const before = tf.memory().numTensors;
  const result = tf.tidy(compute);
  const found = result.dataSync() as Float32Array;
  result.dispose();
  expect(tf.memory().numTensors).toBe(before);
  return found.reduce((worst, value) => Math.max(worst, Math.abs(value - expected) / Math.abs(expected)), 0);
}

const tenths = (...shape: number[]): tf.Tensor => tf.fill(shape, 0.1);
const times = (n: number): number => n * TENTH;

describe('long sums on wasm', () => {
  it.each<[string, () => tf.Tensor, number]>([
    ['the shape of a bias gradient', () => tf.sum(tenths(65_536, 4), 0), times(65_536)],
    ['many columns', () => tf.sum(tenths(4096, 256), 0), times(4096)],
    ['a prime number of rows', () => tf.sum(tenths(65_537, 3), 0), times(65_537)],
    ['a prime number of columns', () => tf.sum(tenths(3, 65_537), 1), times(65_537)],
    ['one row', () => tf.sum(tenths(1, 1_000_003), 1), times(1_000_003)],
    ['one column', () => tf.sum(tenths(1_000_003, 1), 0), times(1_000_003)],
    ['everything', () => tf.sum(tenths(101, 103, 107)), times(101 * 103 * 107)],
    ['an axis in the middle', () => tf.sum(tenths(3, 65_536, 5), 1), times(65_536)],
    ['axes around one', () => tf.sum(tenths(300, 3, 301), [0, 2]), times(300 * 301)],
    ['many short axes', () => tf.sum(tenths(11, 2, 13, 2, 17, 3), [0, 2, 4]), times(11 * 13 * 17)],
    ['16.8 million tenths', () => tf.sum(tf.fill([16_800_000], 0.1)), times(16_800_000)],
    ['16.8 million ones in a column', () => tf.sum(tf.ones([16_800_000, 1]), 0), 16_800_000],
    ['a mean over rows', () => tf.mean(tenths(65_536, 4), 0), TENTH],
    ['a mean of everything', () => tf.mean(tenths(65_537, 3)), TENTH],
    ['a norm', () => tf.norm(tenths(65_536)), TENTH * 256],
    ['a product of vectors', () => tf.dot(tenths(65_537), tf.ones([65_537])), times(65_537)],
    ['a weight gradient', () => tf.matMul(tenths(65_536, 8), tf.ones([65_536, 3]), true), times(65_536)],
    ['softmax', () => tf.softmax(tenths(2, 65_537)), 1 / 65_537],
    ['logSumExp', () => tf.logSumExp(tenths(2, 65_537), 1), Math.log(65_537) + TENTH],
    [
      'a segment',
      () => tf.unsortedSegmentSum(tenths(65_537, 2), tf.zeros([65_537], 'int32'), 1),
      times(65_537),
    ],
  ])('%s', (_name, compute, expected) => {
    expect(errorOf(compute, expected)).toBeLessThan(BOUND);
  });

  it('equal float64 over any axes, for equal numbers of any size', () => {
    const shapes = fc
      .array(fc.constantFrom(1, 2, 3, 64, 127, 509, 512, 1024, 1031), { minLength: 1, maxLength: 5 })
      .filter((shape) => tf.util.sizeFromShape(shape) <= 1 << 20);
    fc.assert(
      fc.property(
        shapes,
        fc.nat(31),
        fc.boolean(),
        fc.float({ min: Math.fround(0.01), max: 100, noNaN: true }),
        (shape, mask, keep, value) => {
          const axes = shape.flatMap((_, axis) => ((mask >> axis) % 2 === 1 ? [axis] : []));
          const terms = axes.reduce((count, axis) => count * shape[axis]!, 1);
          const kept = shape.flatMap((n, axis) => (axes.includes(axis) ? (keep ? [1] : []) : [n]));
          const x = tf.fill(shape, value);
          const [sum, mean] = [tf.sum(x, axes, keep), tf.mean(x, axes, keep)];
          expect([sum.shape, mean.shape]).toEqual([kept, kept]);
          expect(errorOf(() => tf.clone(sum), value * terms)).toBeLessThan(BOUND);
          expect(errorOf(() => tf.clone(mean), value)).toBeLessThan(BOUND);
          tf.dispose([x, sum, mean]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('put every number in its place', () => {
    const shape = [7, 1031, 5, 2];
    const values = Float32Array.from({ length: 7 * 1031 * 10 }, (_, i) => ((i * 7919) % 1009) - 300);
    for (const axes of [[1], [0, 1], [1, 2], [0, 2, 3], [1, 3], [0, 1, 2], [1, 2, 3], [0, 1, 2, 3]]) {
      const kept = [0, 1, 2, 3].filter((axis) => !axes.includes(axis));
      const expected = new Float64Array(kept.reduce((size, axis) => size * shape[axis]!, 1));
      for (const [i, value] of values.entries()) {
        const place = [Math.floor(i / (1031 * 10)), Math.floor(i / 10) % 1031, Math.floor(i / 2) % 5, i % 2];
        expected[kept.reduce((at, axis) => at * shape[axis]! + place[axis]!, 0)]! += value;
      }
      // Whole numbers below 2^24: every order of addition is exact.
      const sum = tf.tidy(() => tf.sum(tf.tensor(values, shape), axes));
      expect([...sum.dataSync()]).toEqual([...expected]);
      sum.dispose();
    }
  });

  it('of segments, long and short ones, by hand', () => {
    const ids = Int32Array.from({ length: 3000 }, (_, row) => (row % 3 === 0 ? 7 : row % 6) - 1);
    const values = Float32Array.from({ length: 6000 }, (_, i) => (i * 31) % 17);
    const expected = new Float64Array(6 * 2);
    for (const [row, id] of ids.entries()) {
      if (id < 0 || id >= 6) continue;
      for (const column of [0, 1]) expected[id * 2 + column]! += values[row * 2 + column]!;
    }
    const sums = tf.tidy(() =>
      tf.unsortedSegmentSum(tf.tensor2d(values, [3000, 2]), tf.tensor1d(ids, 'int32'), 6),
    );
    expect([...sums.dataSync()]).toEqual([...expected]);
    sums.dispose();
  });
});

describe('running sums on wasm', () => {
  it.each([false, true])('exclusive: %s', (exclusive) => {
    for (const reverse of [false, true]) {
      for (const [before, n, after] of [
        [1, 65_537, 1],
        [2, 4096, 3],
        [3, 513, 2],
      ] as const) {
        const x = tf.fill([before, n, after], 0.1);
        const sums = tf.tidy(() => tf.cumsum(x, 1, exclusive, reverse));
        expect(sums.shape).toEqual(x.shape);
        const found = sums.dataSync();
        let worst = 0;
        for (let i = 0; i < found.length; i += 1) {
          const at = Math.floor(i / after) % n;
          const terms = (reverse ? n - at : at + 1) - (exclusive ? 1 : 0);
          worst = Math.max(worst, Math.abs(found[i]! - terms * TENTH) / Math.max(1, terms * TENTH));
        }
        expect(worst).toBeLessThan(BOUND);
        tf.dispose([x, sums]);
      }
    }
  });
});
