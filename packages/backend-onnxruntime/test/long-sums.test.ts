/** Long sums against float64, and sums by index with more than one thread. */
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { compile, registerOnnxRuntime } from '../src/index.js';
import { Session } from '../src/runtime/session.js';
import { fusedOf } from './support/fused.js';

/** Of the sum of all magnitudes. */
const BOUND = 1e-5;
const TENTH = Math.fround(0.1);

beforeAll(async () => {
  // Whatever the machine has: with one thread, none can get into another's way.
  registerOnnxRuntime({ name: 'threaded', threads: 4 });
  await tf.setBackend('threaded');
});

/** The largest difference of what a computation gives to one number. */
function errorOf(compute: () => tf.Tensor, expected: number): number {
  const result = tf.tidy(compute);
  const found = result.dataSync() as Float32Array;
  result.dispose();
  return found.reduce((worst, value) => Math.max(worst, Math.abs(value - expected) / Math.abs(expected)), 0);
}

const tenths = (...shape: number[]): tf.Tensor => tf.fill(shape, 0.1);
const times = (n: number): number => n * TENTH;

describe('long sums', () => {
  it.each<[string, () => tf.Tensor, number]>([
    ['the shape of a bias gradient', () => tf.sum(tenths(65_536, 4), 0), times(65_536)],
    ['many columns', () => tf.sum(tenths(4096, 256), 0), times(4096)],
    ['just above what is added at once', () => tf.sum(tenths(513, 3), 0), times(513)],
    ['rows, just above what is added at once', () => tf.sum(tenths(3, 2049), 1), times(2049)],
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
    [
      'a squared norm in groups',
      () => fusedOf('SumOfSquares', { a: tenths(1031, 1033) })[0]!,
      1031 * 1033 * TENTH ** 2,
    ],
    ['a product of vectors', () => tf.dot(tenths(65_537), tf.ones([65_537])), times(65_537)],
    ['einsum of vectors', () => tf.einsum('i,i->', tenths(65_537), tf.ones([65_537])), times(65_537)],
    ['einsum of one operand', () => tf.einsum('ij->j', tenths(65_537, 2)), times(65_537)],
    ['a weight gradient', () => tf.matMul(tenths(65_536, 8), tf.ones([65_536, 3]), true), times(65_536)],
    [
      'a mean of a whole image',
      () => tf.avgPool(tenths(1, 256, 256, 2) as tf.Tensor4D, 256, 1, 'valid'),
      TENTH,
    ],
    [
      'means of large windows',
      () => tf.avgPool(tenths(1, 300, 200, 2) as tf.Tensor4D, [250, 100], 50, 'same'),
      TENTH,
    ],
    ['softmax', () => tf.softmax(tenths(2, 65_537)), 1 / 65_537],
    ['logSumExp', () => tf.logSumExp(tenths(2, 65_537), 1), Math.log(65_537) + TENTH],
    [
      'a segment',
      () => tf.unsortedSegmentSum(tenths(65_537, 2), tf.zeros([65_537], 'int32'), 1),
      times(65_537),
    ],
    [
      'scattered rows',
      () => tf.scatterND(tf.zeros([65_537, 1], 'int32'), tenths(65_537, 2), [1, 2]),
      times(65_537),
    ],
  ])('%s', (_name, compute, expected) => {
    expect(errorOf(compute, expected)).toBeLessThan(BOUND);
  });

  it('are as good in a compiled function', () => {
    const sums = compile(({ x }: { x: tf.Tensor }) => ({ sum: tf.sum(x, 0), mean: tf.mean(x) }));
    const x = tenths(65_537, 4);
    const { sum, mean } = sums({ x });
    expect(sums.statistics).toMatchObject({ traces: 1, replays: 1, eager: 0 });
    expect(errorOf(() => sum, times(65_537))).toBeLessThan(BOUND);
    expect(errorOf(() => mean, TENTH)).toBeLessThan(BOUND);
    sums.dispose();
    x.dispose();
  });

  it('equal float64 over any axes, for equal numbers of any size', () => {
    const shapes = fc
      .array(fc.constantFrom(1, 2, 3, 64, 127, 509, 512, 1024), { minLength: 1, maxLength: 5 })
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
          expect(errorOf(() => sum, value * terms)).toBeLessThan(BOUND);
          expect(errorOf(() => mean, value)).toBeLessThan(BOUND);
          x.dispose();
        },
      ),
      { numRuns: 60 },
    );
  });

  it('put every number in its place', () => {
    const shape = [7, 1031, 5];
    const values = Float32Array.from({ length: 7 * 1031 * 5 }, (_, i) => ((i * 7919) % 1009) - 300);
    for (const axes of [[1], [0, 1], [1, 2], [0, 2]]) {
      const kept = [0, 1, 2].filter((axis) => !axes.includes(axis));
      const expected = new Float64Array(kept.reduce((size, axis) => size * shape[axis]!, 1));
      for (const [i, value] of values.entries()) {
        const place = [Math.floor(i / (1031 * 5)), Math.floor(i / 5) % 1031, i % 5];
        expected[kept.reduce((at, axis) => at * shape[axis]! + place[axis]!, 0)]! += value;
      }
      // Whole numbers below 2^24: every order of addition is exact.
      const sum = tf.tidy(() => tf.sum(tf.tensor(values, shape), axes));
      expect([...sum.dataSync()]).toEqual([...expected]);
      sum.dispose();
    }
  });

  it('let infinities and what is no number through', () => {
    const special = (value: number): number => {
      const values = new Float32Array(65_537).fill(0.1);
      values[40_000] = value;
      return tf.tidy(() => tf.sum(tf.tensor1d(values)).dataSync()[0]!);
    };
    expect([special(Infinity), special(-Infinity), special(NaN)]).toEqual([Infinity, -Infinity, NaN]);
  });
});

describe('running sums', () => {
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

describe('sums by index on several threads', () => {
  const [rows, width, places] = [2048, 512, 256];
  const ids = Int32Array.from({ length: rows }, (_, row) => (row * 7) % 5);
  const expected = [0, 1, 2, 3, 4].map((id) => ids.filter((one) => one === id).length);

  const counts = (table: tf.Tensor): number[][] => {
    const values = table.dataSync();
    table.dispose();
    return expected.map((_, id) => [...new Set(values.subarray(id * width, (id + 1) * width))]);
  };

  it.each<[string, () => tf.Tensor]>([
    [
      'unsortedSegmentSum',
      () => tf.unsortedSegmentSum(tf.ones([rows, width]), tf.tensor1d(ids, 'int32'), places),
    ],
    [
      'of few rows',
      () =>
        tf.unsortedSegmentSum(tf.ones([1024, width]), tf.tensor1d(ids.subarray(0, 1024), 'int32'), places),
    ],
    [
      'scatterND',
      () => tf.scatterND(tf.tensor2d(ids, [rows, 1], 'int32'), tf.ones([rows, width]), [places, width]),
    ],
  ])('%s loses no row', (name, compute) => {
    const share = name === 'of few rows' ? ids.subarray(0, 1024) : ids;
    const all = expected.map((_, id) => [share.filter((one) => one === id).length]);
    for (let repetition = 0; repetition < 15; repetition += 1) expect(counts(tf.tidy(compute))).toEqual(all);
  });

  it('run in graphs of one thread, and nothing else does', () => {
    const create = vi.spyOn(Session, 'create');
    const [x, table] = [tf.ones([rows, width + 1]), tf.ones([places, width + 1])];
    const ones = tf.tidy(() => {
      const sums = tf.unsortedSegmentSum(tf.square(x), tf.zeros([rows], 'int32'), places);
      return tf.sum(tf.add(sums, table));
    });
    ones.dataSync();
    const graphs = create.mock.calls.map(([, { kernels, oneThread }]) => [kernels, oneThread]);
    create.mockRestore();
    expect(graphs).toEqual([
      ['Square', false],
      ['UnsortedSegmentSum', true],
      [expect.stringContaining('Add'), false],
    ]);
    tf.dispose([x, table, ones]);
  });

  it('the last of several rows for one place stays, as in tfjs', () => {
    const updates = Float32Array.from({ length: rows * width }, (_, i) => Math.floor(i / width));
    const last = expected.map((_, id) => [ids.lastIndexOf(id)]);
    for (let repetition = 0; repetition < 15; repetition += 1) {
      const written = tf.tidy(() =>
        tf.tensorScatterUpdate(
          tf.zeros([places, width]),
          tf.tensor2d(ids, [rows, 1], 'int32'),
          tf.tensor2d(updates, [rows, width]),
        ),
      );
      expect(counts(written)).toEqual(last);
    }
  });

  it('the gradient of a cross-entropy has every label', () => {
    // All scores are equal: the gradient of a class is (1 / classes - its share of the labels) times the mean input.
    const [classes, share] = [512, 1 / rows];
    for (let repetition = 0; repetition < 15; repetition += 1) {
      const labels = tf.tensor1d(ids, 'int32');
      const inputs = { x: tf.ones([rows, width]), table: tf.zeros([classes, width]), labels };
      const [loss, dx, dTable] = fusedOf('FusedLinearCrossEntropy', inputs);
      const gradient = dTable!.dataSync();
      for (const [id, count] of expected.entries()) {
        const own = gradient.subarray(id * width, (id + 1) * width);
        const right = 1 / classes - count * share;
        expect(own.every((value) => Math.abs(value - right) < BOUND * Math.abs(right))).toBe(true);
      }
      expect(errorOf(() => tf.clone(loss!), Math.log(classes))).toBeLessThan(BOUND);
      tf.dispose([...Object.values(inputs), loss!, dx!, dTable!]);
    }
  });
});
