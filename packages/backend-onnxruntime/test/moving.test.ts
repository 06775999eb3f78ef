/** Kernels that move, pick or order numbers, against tfjs's CPU kernels. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleOf, samples, shapes } from './support/tensors.js';
import type { NumberType, Sample } from './support/tensors.js';
import { expectTwin, onnxRuntime, RUNS } from './support/twin.js';
import type { Build } from './support/twin.js';

const DTYPES: NumberType[] = ['float32', 'int32', 'bool'];
const EXACT = { absolute: 0, relative: 0 };

const anySample = (minRank = 0, dtypes = DTYPES): fc.Arbitrary<Sample> =>
  fc.constantFrom(...dtypes).chain((dtype) => samples(dtype, {}, minRank));

/** A sample and numbers that were chosen for its shape. */
function withChoice<C>(choose: (shape: readonly number[]) => fc.Arbitrary<C>, minRank = 1, dtypes = DTYPES) {
  return anySample(minRank, dtypes).chain((sample) => fc.tuple(fc.constant(sample), choose(sample.shape)));
}

async function check<C>(
  choices: fc.Arbitrary<[Sample, C]>,
  build: (x: tf.Tensor, choice: C) => tf.Tensor | tf.Tensor[],
) {
  await fc.assert(
    fc.asyncProperty(choices, ([sample, choice]) => expectTwin([sample], (x) => build(x!, choice), EXACT)),
    RUNS,
  );
}

const axisOf = (shape: readonly number[]) => fc.integer({ min: -shape.length, max: shape.length - 1 });
const perAxis = <T>(shape: readonly number[], one: (n: number) => fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.tuple(...shape.map(one));
const spanOf = (n: number) =>
  fc
    .tuple(fc.integer({ min: 0, max: n - 1 }), fc.integer({ min: 0, max: n - 1 }))
    .map(([a, b]) => [Math.min(a, b), Math.abs(a - b) + 1] as const);

describe('moving', () => {
  it('transpose', () =>
    check(
      withChoice((shape) =>
        fc.shuffledSubarray(
          shape.map((_, i) => i),
          { minLength: shape.length },
        ),
      ),
      (x, perm) => tf.transpose(x, perm),
    ));
  it('slice', () =>
    check(
      withChoice((shape) => perAxis(shape, spanOf)),
      (x, spans) =>
        tf.slice(
          x,
          spans.map(([begin]) => begin),
          spans.map(([, size]) => size),
        ),
    ));
  it('stridedSlice', () => {
    const cut = (n: number) =>
      fc
        .tuple(spanOf(n), fc.integer({ min: 1, max: 3 }), fc.boolean())
        .map(([[begin, size], stride, back]) =>
          back
            ? { begin: begin + size - 1, end: begin - 1 - n, stride: -stride }
            : { begin, end: begin + size, stride },
        );
    return check(
      withChoice((shape) => fc.tuple(perAxis(shape, cut), fc.nat(3), fc.nat(3))),
      (x, [cuts, beginMask, endMask]) =>
        tf.stridedSlice(
          x,
          cuts.map(({ begin }) => begin),
          cuts.map(({ end }) => end),
          cuts.map(({ stride }) => stride),
          beginMask,
          endMask,
        ),
    );
  });
  it('reverse', () =>
    check(
      withChoice((shape) => fc.subarray(shape.map((_, i) => i))),
      (x, axes) => tf.reverse(x, axes),
    ));
  it('pad', () =>
    check(
      withChoice((shape) =>
        fc.tuple(
          perAxis(shape, () => fc.tuple(fc.nat(3), fc.nat(3))),
          fc.constantFrom(0, 1),
        ),
      ),
      (x, [paddings, value]) => tf.pad(x, paddings, value),
    ));
  it('mirrorPad without the border', () =>
    check(
      withChoice((shape) => perAxis(shape, (n) => fc.tuple(fc.nat(n - 1), fc.nat(n - 1))), 1, [
        'float32',
        'int32',
      ]),
      (x, paddings) => tf.mirrorPad(x, paddings, 'reflect'),
    ));
  it('tile', () =>
    check(
      withChoice((shape) => perAxis(shape, () => fc.integer({ min: 1, max: 3 }))),
      (x, reps) => tf.tile(x, reps),
    ));
  it('broadcastTo', () =>
    check(
      withChoice((shape) => fc.constant<number[]>([2, ...shape]), 0),
      (x, shape) => tf.broadcastTo(tf.reshape(x, [1, ...x.shape]), shape),
    ));
  it('concat and stack', () =>
    check(withChoice(axisOf), (x, axis) => [
      tf.concat([x, x, tf.reverse(x)], axis),
      tf.stack([x, tf.reverse(x)], axis),
    ]));
  it('split and unstack', () =>
    check(withChoice(axisOf), (x, axis) => {
      const n = x.shape.at(axis)!;
      return [...tf.split(x, n > 1 ? [1, n - 1] : 1, axis), ...tf.unstack(x, axis)];
    }));
  it('expandDims, squeeze and reshape', () =>
    check(withChoice(axisOf), (x, axis) => tf.squeeze(tf.expandDims(tf.reshape(x, [-1, 1]), axis % 2))));
  it('fill, zerosLike and onesLike', () =>
    check(
      withChoice(() => fc.constant(0), 0),
      (x) => [tf.fill(x.shape, 1, x.dtype as NumberType), tf.zerosLike(x), tf.onesLike(x)],
    ));
});

describe('picking', () => {
  const indicesInto = (n: number, minRank = 0) =>
    shapes(minRank, 2).chain((shape) => sampleOf(shape, 'int32', { min: -0.49, max: n - 0.51 }));

  it('gather', async () => {
    const input = withChoice(axisOf).chain(([sample, axis]) =>
      fc.tuple(fc.constant(sample), indicesInto(sample.shape.at(axis)!), fc.constant(axis)),
    );
    await fc.assert(
      fc.asyncProperty(input, ([x, indices, axis]) =>
        expectTwin([x, indices], (a, b) => tf.gather(a!, b! as tf.Tensor1D, axis), EXACT),
      ),
      RUNS,
    );
  });

  it('gather of indices that are computed', async () => {
    const input = anySample(1).chain((x) => fc.tuple(fc.constant(x), indicesInto(x.shape[0]!)));
    await fc.assert(
      fc.asyncProperty(input, (pair) =>
        expectTwin(pair, (a, b) => tf.gather(a!, tf.abs(b!) as tf.Tensor1D), EXACT),
      ),
      RUNS,
    );
  });

  it('gather within batches', async () => {
    const input = anySample(2).chain((x) =>
      fc.tuple(
        fc.constant(x),
        fc
          .integer({ min: 1, max: 5 })
          .chain((n) => sampleOf([x.shape[0]!, n], 'int32', { min: -0.49, max: x.shape[1]! - 0.51 })),
      ),
    );
    await fc.assert(
      fc.asyncProperty(input, (pair) =>
        expectTwin(pair, (a, b) => tf.gather(a!, b! as tf.Tensor1D, 1, 1), EXACT),
      ),
      RUNS,
    );
  });

  it('gatherND', async () => {
    const input = anySample(2).chain((x) =>
      fc.tuple(
        fc.constant(x),
        sampleOf([5, 2], 'int32', { min: -0.49, max: Math.min(...x.shape.slice(0, 2)) - 0.51 }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(input, (pair) => expectTwin(pair, (a, b) => tf.gatherND(a!, b!), EXACT)),
      RUNS,
    );
  });

  it('scatterND and tensorScatterUpdate', async () => {
    const input = fc.tuple(
      sampleOf([6, 1], 'int32', { min: -0.49, max: 3.49 }),
      sampleOf([6, 7], 'float32'),
      sampleOf([4, 7], 'float32'),
    );
    await fc.assert(
      fc.asyncProperty(input, ([indices, updates, target]) =>
        expectTwin([indices, updates, target], (i, u, t) => {
          // Several updates of one place have no order, so those are added only.
          const places = tf.tensor2d([[3], [0], [2]], [3, 1], 'int32');
          return [
            tf.scatterND(i!, u!, [4, 7]),
            tf.tensorScatterUpdate(t!, places, tf.slice(u!, [0, 0], [3, 7])),
          ];
        }),
      ),
      RUNS,
    );
  });

  it('unsortedSegmentSum leaves out what is no segment', async () => {
    // Finite ones: the CPU kernel multiplies what it leaves out by 0.
    const input = fc.tuple(
      sampleOf([9, 5], 'float32', { special: 0 }),
      sampleOf([9], 'int32', { min: -2, max: 6 }),
    );
    await fc.assert(
      fc.asyncProperty(input, (pair) =>
        expectTwin(pair, (x, ids) => [
          tf.unsortedSegmentSum(x!, ids as tf.Tensor1D, 4),
          tf.unsortedSegmentSum(x!, tf.neg(ids as tf.Tensor1D), 4),
        ]),
      ),
      RUNS,
    );
  });

  it('oneHot', async () => {
    const input = samples('int32', { min: -2, max: 6 }, 0, 3);
    await fc.assert(
      fc.asyncProperty(input, (indices) =>
        expectTwin([indices], (i) => [tf.oneHot(i!, 5), tf.oneHot(i!, 5, 2, -1, 'float32')], EXACT),
      ),
      RUNS,
    );
  });

  it.each<[string, Build]>([
    ['gather', (x, i) => tf.gather(x!, tf.abs(i!) as tf.Tensor1D)],
    ['gather of negative indices', (x, i) => tf.gather(x!, tf.neg(tf.abs(i!)) as tf.Tensor1D)],
  ])('%s of computed indices out of range fails when it runs', async (_name, build) => {
    await tf.setBackend('onnxruntime');
    tf.tidy(() => {
      const result = build(tf.zeros([3, 2]), tf.tensor1d([1, 7], 'int32')) as tf.Tensor;
      expect(() => result.dataSync()).toThrow(expect.objectContaining({ code: 'run-failed' }));
    });
  });

  it('refuses known indices out of range at once', async () => {
    await tf.setBackend('onnxruntime');
    tf.tidy(() => {
      expect(() => tf.gather(tf.zeros([3, 2]), tf.tensor1d([1, 3], 'int32'))).toThrow('3 is not in [0, 2]');
      expect(() => tf.gatherND(tf.zeros([3, 2]), tf.tensor2d([[1, -1]], [1, 2], 'int32'))).toThrow(
        '-1 is not in [0, 1]',
      );
    });
    expect(onnxRuntime().statistics.fallbacks).toEqual({});
  });
});

describe('reducing and ordering', () => {
  const reductions: [string, (x: tf.Tensor, axes: number[], keep: boolean) => tf.Tensor, NumberType[]][] = [
    ['sum', (x, axes, keep) => tf.sum(x, axes, keep), ['float32', 'int32', 'bool']],
    ['mean', (x, axes, keep) => tf.mean(x, axes, keep), ['float32', 'int32', 'bool']],
    ['max', (x, axes, keep) => tf.max(x, axes, keep), ['float32', 'int32']],
    ['min', (x, axes, keep) => tf.min(x, axes, keep), ['float32', 'int32']],
    ['all', (x, axes, keep) => tf.all(x, axes, keep), ['bool']],
    ['any', (x, axes, keep) => tf.any(x, axes, keep), ['bool']],
  ];
  it.each(reductions)('%s', async (_name, reduce, dtypes) => {
    const input = fc
      .constantFrom(...dtypes)
      .chain((dtype) => samples(dtype, { special: 0.02 }))
      .chain((sample) =>
        fc.tuple(fc.constant(sample), fc.subarray(sample.shape.map((_, i) => i)), fc.boolean()),
      );
    await fc.assert(
      fc.asyncProperty(input, ([sample, axes, keep]) =>
        expectTwin([sample], (x) => reduce(x!, axes, keep), { absolute: 1e-4 }),
      ),
      RUNS,
    );
  });

  it('prod', async () => {
    const input = fc
      .constantFrom<NumberType>('float32', 'int32')
      .chain((dtype) => samples(dtype, { min: -1.4, max: 1.4, special: 0 }, 1));
    await fc.assert(
      fc.asyncProperty(input, (sample) => expectTwin([sample], (x) => tf.prod(x!, -1))),
      RUNS,
    );
  });

  it('argMax and argMin', () =>
    check(withChoice(axisOf, 1, ['int32']), (x, axis) => [tf.argMax(x, axis), tf.argMin(x, axis)]));

  it('argMax and argMin leave NaN out', async () => {
    await tf.setBackend('onnxruntime');
    tf.tidy(() => {
      const x = tf.tensor2d([NaN, 1, 5, NaN, -2, NaN, NaN, NaN, NaN, NaN], [2, 5]);
      expect(tf.argMax(x, 1).arraySync()).toEqual([2, 0]);
      expect(tf.argMin(x, 1).arraySync()).toEqual([4, 0]);
    });
  });

  it('topk, the first of equal numbers first', () =>
    check(
      withChoice((shape) => fc.integer({ min: 1, max: shape.at(-1)! }), 1, ['int32']),
      (x, k) => {
        const { values, indices } = tf.topk(x, k);
        return [values, indices];
      },
    ));

  it('cumsum', async () => {
    const input = fc
      .constantFrom<NumberType>('float32', 'int32')
      .chain((dtype) => samples(dtype, { special: 0 }, 1))
      .chain((sample) =>
        // Not negative: there the CPU kernel gives the result a shape with a hole in it.
        fc.tuple(fc.constant(sample), fc.nat(sample.shape.length - 1), fc.boolean(), fc.boolean()),
      );
    await fc.assert(
      fc.asyncProperty(input, ([sample, axis, exclusive, reverse]) =>
        expectTwin([sample], (x) => tf.cumsum(x!, axis, exclusive, reverse), { absolute: 1e-4 }),
      ),
      RUNS,
    );
  });

  it('softmax, logSoftmax and logSumExp', async () => {
    await fc.assert(
      fc.asyncProperty(samples('float32', { special: 0 }, 1), (sample) =>
        expectTwin([sample], (x) => [tf.softmax(x!), tf.logSoftmax(x!), tf.logSumExp(x!, -1)]),
      ),
      RUNS,
    );
  });
});
