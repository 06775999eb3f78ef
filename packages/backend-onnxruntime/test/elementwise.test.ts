/** Elementwise kernels against tfjs's CPU kernels, on random shapes, dtypes and broadcasts. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { operands, samples, sampleOf, partOf, shapes } from './support/tensors.js';
import type { NumberType, Range } from './support/tensors.js';
import { expectTwin, RUNS } from './support/twin.js';
import type { Build, Tolerance } from './support/twin.js';

type Options = Range & Tolerance & { dtypes?: NumberType[] };
type Case = [name: string, build: Build, options?: Options];

const FLOAT: Case[] = [
  ['exp', (x) => tf.exp(x!)],
  ['log', (x) => tf.log(x!), { min: 0 }],
  ['sqrt', (x) => tf.sqrt(x!), { min: 0 }],
  ['rsqrt', (x) => tf.rsqrt(x!), { min: 0.01 }],
  ['reciprocal', (x) => tf.reciprocal(x!)],
  ['tanh', (x) => tf.tanh(x!)],
  ['sigmoid', (x) => tf.sigmoid(x!)],
  ['erf', (x) => tf.erf(x!)],
  ['sin', (x) => tf.sin(x!)],
  ['cos', (x) => tf.cos(x!)],
  ['sinh', (x) => tf.sinh(x!)],
  ['cosh', (x) => tf.cosh(x!)],
  ['asin', (x) => tf.asin(x!), { min: -1, max: 1 }],
  ['acos', (x) => tf.acos(x!), { min: -1, max: 1 }],
  ['atan', (x) => tf.atan(x!)],
  ['asinh', (x) => tf.asinh(x!)],
  ['acosh', (x) => tf.acosh(x!), { min: 1 }],
  ['atanh', (x) => tf.atanh(x!), { min: -0.99, max: 0.99 }],
  ['floor', (x) => tf.floor(x!)],
  ['ceil', (x) => tf.ceil(x!)],
  ['round', (x) => tf.round(x!)],
  ['log1p', (x) => tf.log1p(x!), { min: -0.9 }],
  ['log1p of small numbers', (x) => tf.log1p(x!), { min: -1e-6, max: 1e-6, special: 0, absolute: 1e-12 }],
  ['expm1', (x) => tf.expm1(x!)],
  ['expm1 of small numbers', (x) => tf.expm1(x!), { min: -1e-6, max: 1e-6, special: 0, absolute: 1e-12 }],
  ['relu6', (x) => tf.relu6(x!)],
  ['elu', (x) => tf.elu(x!)],
  ['selu', (x) => tf.selu(x!)],
  ['softplus', (x) => tf.softplus(x!)],
  ['leakyRelu', (x) => tf.leakyRelu(x!, 0.3)],
  ['step', (x) => tf.step(x!, 0.25)],
  ['isNaN', (x) => tf.isNaN(x!)],
  ['isInf', (x) => tf.isInf(x!)],
  ['isFinite', (x) => tf.isFinite(x!)],
  ['cast to int32', (x) => tf.cast(x!, 'int32'), { min: -(2 ** 31), max: 2 ** 31, absolute: 0, relative: 0 }],
  ['cast to bool', (x) => tf.cast(x!, 'bool')],
];

const NUMBERS: Case[] = [
  ['abs', (x) => tf.abs(x!)],
  ['neg', (x) => tf.neg(x!)],
  ['sign', (x) => tf.sign(x!)],
  ['square', (x) => tf.square(x!)],
  ['relu', (x) => tf.relu(x!)],
  ['clipByValue', (x) => tf.clipByValue(x!, -2.5, 3.5)],
  ['clipByValue, unbounded', (x) => tf.clipByValue(x!, 0, Infinity)],
  ['cast to float32', (x) => tf.cast(x!, 'float32'), { dtypes: ['float32', 'int32', 'bool'] }],
  ['cast to int32', (x) => tf.cast(x!, 'int32'), { dtypes: ['int32', 'bool'] }],
  ['cast to bool', (x) => tf.cast(x!, 'bool'), { dtypes: ['int32', 'bool'] }],
  ['logicalNot', (x) => tf.logicalNot(x!), { dtypes: ['bool'] }],
];

const PAIRS: Case[] = [
  ['add', (a, b) => tf.add(a!, b!)],
  ['sub', (a, b) => tf.sub(a!, b!)],
  ['mul', (a, b) => tf.mul(a!, b!)],
  ['div of floats', (a, b) => tf.div(a!, b!), { dtypes: ['float32'] }],
  ['div of integers', (a, b) => tf.div(a!, b!), { dtypes: ['int32'] }],
  ['floorDiv of integers', (a, b) => tf.floorDiv(a!, b!), { dtypes: ['int32'], min: -4, max: 4 }],
  ['floorDiv of floats', (a, b) => tf.floorDiv(tf.round(a!), tf.round(b!)), { dtypes: ['float32'] }],
  ['mod of integers', (a, b) => tf.mod(a!, b!), { dtypes: ['int32'], min: -5, max: 5 }],
  ['mod of floats', (a, b) => tf.mod(a!, b!), { dtypes: ['float32'] }],
  ['maximum', (a, b) => tf.maximum(a!, b!)],
  ['minimum', (a, b) => tf.minimum(a!, b!)],
  ['squaredDifference', (a, b) => tf.squaredDifference(a!, b!)],
  ['pow', (a, b) => tf.pow(a!, b!), { dtypes: ['float32'], min: 0.1, max: 4, special: 0 }],
  ['pow of a whole exponent', (a) => tf.pow(a!, 3), { dtypes: ['float32'] }],
  ['equal', (a, b) => tf.equal(a!, b!), { dtypes: ['float32', 'int32', 'bool'], min: -2, max: 2 }],
  ['notEqual', (a, b) => tf.notEqual(a!, b!), { dtypes: ['float32', 'int32', 'bool'], min: -2, max: 2 }],
  ['greater', (a, b) => tf.greater(a!, b!), { dtypes: ['float32', 'int32', 'bool'] }],
  ['greaterEqual', (a, b) => tf.greaterEqual(a!, b!), { dtypes: ['float32', 'int32', 'bool'] }],
  ['less', (a, b) => tf.less(a!, b!), { dtypes: ['float32', 'int32', 'bool'] }],
  ['lessEqual', (a, b) => tf.lessEqual(a!, b!), { dtypes: ['float32', 'int32', 'bool'] }],
  ['logicalAnd', (a, b) => tf.logicalAnd(a!, b!), { dtypes: ['bool'] }],
  ['logicalOr', (a, b) => tf.logicalOr(a!, b!), { dtypes: ['bool'] }],
  ['logicalXor', (a, b) => tf.logicalXor(a!, b!), { dtypes: ['bool'] }],
  [
    'bitwiseAnd of one shape',
    (a) => tf.bitwiseAnd(a!, tf.fill(a!.shape, 6, 'int32')),
    { dtypes: ['int32'], min: 0 },
  ],
];

describe('of floats', () => {
  it.each<Case>(FLOAT)('%s', async (_name, build, options: Options = {}) => {
    await fc.assert(
      fc.asyncProperty(samples('float32', options), (sample) => expectTwin([sample], build, options)),
      RUNS,
    );
  });
});

describe('of several dtypes', () => {
  it.each<Case>(NUMBERS)(
    '%s',
    async (_name, build, { dtypes = ['float32', 'int32'], ...options }: Options = {}) => {
      const sample = fc.constantFrom(...dtypes).chain((dtype) => samples(dtype, options));
      await fc.assert(
        fc.asyncProperty(sample, (x) => expectTwin([x], build, options)),
        RUNS,
      );
    },
  );
});

describe('of two operands', () => {
  it.each<Case>(PAIRS)(
    '%s',
    async (_name, build, { dtypes = ['float32', 'int32'], ...options }: Options = {}) => {
      await fc.assert(
        fc.asyncProperty(operands(2, dtypes, options), (pair) => expectTwin(pair, build, options)),
        RUNS,
      );
    },
  );

  it('prelu', async () => {
    const input = shapes(1).chain((shape) =>
      fc.tuple(
        sampleOf(shape, 'float32'),
        partOf(shape).chain((own) => sampleOf(own, 'float32', { special: 0 })),
      ),
    );
    await fc.assert(
      fc.asyncProperty(input, (pair) => expectTwin(pair, (x, alpha) => tf.prelu(x!, alpha!))),
      RUNS,
    );
  });

  it('addN', async () => {
    const list = fc
      .tuple(shapes(), fc.constantFrom<NumberType>('float32', 'int32'), fc.integer({ min: 1, max: 4 }))
      .chain(([shape, dtype, count]) =>
        fc.tuple(...Array.from({ length: count }, () => sampleOf(shape, dtype))),
      );
    await fc.assert(
      fc.asyncProperty(list, (all) => expectTwin(all, (...tensors) => tf.addN(tensors))),
      RUNS,
    );
  });

  it('where', async () => {
    const choice = fc
      .tuple(shapes(), fc.constantFrom<NumberType>('float32', 'int32', 'bool'))
      .chain(([shape, dtype]) =>
        fc.tuple(sampleOf(shape, 'bool'), sampleOf(shape, dtype), sampleOf(shape, dtype)),
      );
    await fc.assert(
      fc.asyncProperty(choice, (all) => expectTwin(all, (c, a, b) => tf.where(c!, a!, b!))),
      RUNS,
    );
  });
});

describe('integers wrap, and division never traps', () => {
  const extremes = [-(2 ** 31), 2 ** 31 - 1, -1, 0, 1, 7];
  const pairs = extremes.flatMap((a) => extremes.map((b) => [a, b] as const));
  const int = (values: number[]) => ({ shape: [values.length], dtype: 'int32' as const, values });
  const [left, right] = [int(pairs.map(([a]) => a)), int(pairs.map(([, b]) => b))];
  it.each<[string, Build]>([
    ['add', (a, b) => tf.add(a!, b!)],
    ['sub', (a, b) => tf.sub(a!, b!)],
    ['floorDiv', (a, b) => tf.floorDiv(a!, b!)],
    ['mod', (a, b) => tf.mod(a!, b!)],
    ['neg', (a) => tf.neg(a!)],
  ])('%s', async (_name, build) => {
    await expectTwin([left, right], build, { absolute: 0, relative: 0 });
  });
});
