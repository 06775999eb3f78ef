/**
 * What training and evaluation ask of a backend, with results worked out by hand or with Math in 64 bits. Values of
 * erf are from Abramowitz & Stegun, table 7.1.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { Known } from './subject.js';

const A = [1, 2, 3, 4, 5, 6]; // [3, 2] or [2, 3]
const B = [1, -1, 2, 0, 0.5, 2, -1, 3]; // [2, 4] or [4, 2]

const floats = (values: readonly number[]): Tensor => tf.tensor1d([...values], 'float32');
const ints = (values: readonly number[]): tf.Tensor1D => tf.tensor1d([...values], 'int32');
const matrix = (values: readonly number[], rows: number): Tensor2D =>
  tf.tensor2d([...values], [rows, values.length / rows], 'float32');

const M = 7;
const K = 37;
const N = 11;
const left = Float32Array.from({ length: M * K }, (_, i) => Math.sin(i));
const right = Float32Array.from({ length: K * N }, (_, i) => Math.cos(3 * i));
const loop = Array.from({ length: M * N }, (_, i) => {
  const [row, column] = [Math.floor(i / N), i % N];
  let sum = 0;
  for (let k = 0; k < K; k += 1) sum += left[row * K + k]! * right[k * N + column]!;
  return sum;
});
const transposed = (values: Float32Array, columns: number): Float32Array =>
  values.map((_, i) => {
    const rows = values.length / columns;
    return values[(i % rows) * columns + Math.floor(i / rows)]!;
  });

const product = (name: string, expected: readonly number[], form: string, compute: () => Tensor): Known => ({
  name: `the product ${name}`,
  expected,
  form,
  compute,
});

/** Sizes that are no multiple of any tile, in the four layouts of a forward and a backward pass. */
export const PRODUCTS: readonly Known[] = [
  product('of [3, 2] and [2, 4]', [2, 3, 0, 6, 5, 5, 2, 12, 8, 7, 4, 18], '[3, 4] float32', () =>
    tf.matMul(matrix(A, 3), matrix(B, 2)),
  ),
  ...[false, true].flatMap((leftTransposed) =>
    [false, true].map((rightTransposed) =>
      product(
        `of [${M}, ${K}] and [${K}, ${N}]${leftTransposed ? ', the left one transposed' : ''}${rightTransposed ? ', the right one transposed' : ''}`,
        loop,
        `[${M}, ${N}] float32`,
        () =>
          tf.matMul(
            leftTransposed ? tf.tensor2d(transposed(left, K), [K, M]) : tf.tensor2d(left, [M, K]),
            rightTransposed ? tf.tensor2d(transposed(right, N), [N, K]) : tf.tensor2d(right, [K, N]),
            leftTransposed,
            rightTransposed,
          ),
      ),
    ),
  ),
  product('of batches [2, 1, 3] and [2, 3, 1]', [14, 77], '[2, 1, 1] float32', () =>
    tf.matMul(tf.tensor3d(A, [2, 1, 3]), tf.tensor3d(A, [2, 3, 1])),
  ),
];

const X = [-2, -0.5, 0, 0.25, 1, 3];
const POSITIVE = [0.25, 1, 2, 100];

const each = (name: string, run: (x: Tensor) => Tensor, by: (x: number) => number, values = X): Known => ({
  name,
  compute: () => run(floats(values)),
  expected: values.map(by),
  form: `[${values.length}] float32`,
});

export const ELEMENTWISE: readonly Known[] = [
  {
    name: 'a sum that spreads a row over a matrix',
    compute: () => tf.add(matrix(A, 2), floats([10, 20, 30])),
    expected: [11, 22, 33, 14, 25, 36],
    form: '[2, 3] float32',
  },
  {
    name: 'a difference that spreads a column over a matrix',
    compute: () => tf.sub(matrix(A, 2), matrix([1, 2], 2)),
    expected: [0, 1, 2, 2, 3, 4],
    form: '[2, 3] float32',
  },
  each(
    'mul',
    (x) => tf.mul(x, 3),
    (x) => 3 * x,
  ),
  each(
    'div',
    (x) => tf.div(1, x),
    (x) => 1 / x,
    POSITIVE,
  ),
  each('square', tf.square, (x) => x * x),
  each('sqrt', tf.sqrt, Math.sqrt, POSITIVE),
  each('rsqrt', tf.rsqrt, (x) => 1 / Math.sqrt(x), POSITIVE),
  each('exp', tf.exp, Math.exp),
  each('log', tf.log, Math.log, POSITIVE),
  each('tanh', tf.tanh, Math.tanh),
  each('sigmoid', tf.sigmoid, (x) => 1 / (1 + Math.exp(-x))),
  each(
    'minimum',
    (x) => tf.minimum(x, 0.5),
    (x) => Math.min(x, 0.5),
  ),
  {
    name: 'erf',
    compute: () => tf.erf(floats([-1, 0, 0.5, 2])),
    expected: [-0.8427007929, 0, 0.5204998778, 0.995322265],
    form: '[4] float32',
  },
];

const ROWS = [1, 5, 5, -2, 0, 3]; // [2, 3]
const rowSums = [1, 5, 5].map(Math.exp).reduce((a, b) => a + b, 0);
const otherSums = [-2, 0, 3].map(Math.exp).reduce((a, b) => a + b, 0);

export const REDUCTIONS: readonly Known[] = [
  { name: 'sum of everything', compute: () => tf.sum(matrix(ROWS, 2)), expected: [12], form: '[] float32' },
  {
    name: 'sum over rows',
    compute: () => tf.sum(matrix(ROWS, 2), 0),
    expected: [-1, 5, 8],
    form: '[3] float32',
  },
  {
    name: 'sum over columns',
    compute: () => tf.sum(matrix(ROWS, 2), 1),
    expected: [11, 1],
    form: '[2] float32',
  },
  {
    name: 'mean over columns',
    compute: () => tf.mean(matrix(ROWS, 2), 1),
    expected: [11 / 3, 1 / 3],
    form: '[2] float32',
  },
  {
    name: 'max over columns',
    compute: () => tf.max(matrix(ROWS, 2), 1, true),
    expected: [5, 3],
    form: '[2, 1] float32',
  },
  {
    name: 'argMax, the first of equals',
    compute: () => tf.argMax(matrix(ROWS, 2), 1),
    expected: [1, 2],
    form: '[2] int32',
  },
  {
    name: 'logSumExp',
    compute: () => tf.logSumExp(matrix(ROWS, 2), -1),
    expected: [Math.log(rowSums), Math.log(otherSums)],
    form: '[2] float32',
  },
  {
    name: 'softmax of large numbers',
    compute: () => tf.softmax(matrix([1001, 1005, 1005, -1002, -1000, -997], 2)),
    expected: [
      ...[1, 5, 5].map((x) => Math.exp(x) / rowSums),
      ...[-2, 0, 3].map((x) => Math.exp(x) / otherSums),
    ],
    form: '[2, 3] float32',
  },
];

export const PLACES: readonly Known[] = [
  {
    name: 'gather of rows, one of them twice',
    compute: () => tf.gather(matrix(A, 3), ints([2, 0, 2])),
    expected: [5, 6, 1, 2, 5, 6],
    form: '[3, 2] float32',
  },
  {
    name: 'oneHot',
    compute: () => tf.oneHot(ints([1, 0]), 3, 1, 0, 'float32'),
    expected: [0, 1, 0, 1, 0, 0],
    form: '[2, 3] float32',
  },
  {
    name: 'scatterND, which adds what meets',
    compute: () => tf.scatterND(tf.tensor2d([2, 0, 2], [3, 1], 'int32'), matrix(A, 3), [3, 2]),
    expected: [3, 4, 0, 0, 6, 8],
    form: '[3, 2] float32',
  },
  {
    name: 'unsortedSegmentSum',
    compute: () => tf.unsortedSegmentSum(matrix(A, 3), ints([1, 1, 0]), 2),
    expected: [5, 6, 4, 6],
    form: '[2, 2] float32',
  },
  {
    name: 'concat',
    compute: () => tf.concat([matrix([1, 2], 2), matrix([3, 4], 2)], 1),
    expected: [1, 3, 2, 4],
    form: '[2, 2] float32',
  },
  {
    name: 'stack',
    compute: () => tf.stack([floats([1, 2]), floats([3, 4])]),
    expected: [1, 2, 3, 4],
    form: '[2, 2] float32',
  },
  {
    name: 'slice',
    compute: () => tf.slice(matrix(A, 2), [0, 1], [2, 2]),
    expected: [2, 3, 5, 6],
    form: '[2, 2] float32',
  },
  {
    name: 'the second part of a split',
    compute: () => tf.split(matrix(A, 2), 3, 1)[1]!,
    expected: [2, 5],
    form: '[2, 1] float32',
  },
  {
    name: 'transpose of three axes',
    compute: () => tf.transpose(tf.tensor3d([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2]), [2, 0, 1]),
    expected: [1, 3, 5, 7, 2, 4, 6, 8],
    form: '[2, 2, 2] float32',
  },
  { name: 'reshape', compute: () => tf.reshape(matrix(A, 2), [3, 2]), expected: A, form: '[3, 2] float32' },
  {
    name: 'pad2d',
    compute: () =>
      tf.pad2d(matrix([1, 2], 1), [
        [0, 1],
        [1, 0],
      ]),
    expected: [0, 1, 2, 0, 0, 0],
    form: '[2, 3] float32',
  },
  { name: 'range', compute: () => tf.range(0, 3, 1, 'int32'), expected: [0, 1, 2], form: '[3] int32' },
];

export const DTYPES: readonly Known[] = [
  {
    name: 'the sum of whole numbers beyond 2^24',
    compute: () => tf.add(ints([16_777_217, -5]), ints([2, 2])),
    expected: [16_777_219, -3],
    form: '[2] int32',
    tolerance: 0,
  },
  {
    name: 'a cast to int32, which cuts off',
    compute: () => tf.cast(floats([-1.7, 1.7, 0.2]), 'int32'),
    expected: [-1, 1, 0],
    form: '[3] int32',
    tolerance: 0,
  },
  {
    name: 'a cast to float32',
    compute: () => tf.cast(ints([-3, 7]), 'float32'),
    expected: [-3, 7],
    form: '[2] float32',
    tolerance: 0,
  },
  {
    name: 'equal',
    compute: () => tf.equal(ints([1, 2]), ints([1, 3])),
    expected: [1, 0],
    form: '[2] bool',
    tolerance: 0,
  },
  {
    name: 'a cast of bool',
    compute: () => tf.cast(tf.equal(ints([1, 2]), ints([1, 3])), 'float32'),
    expected: [1, 0],
    form: '[2] float32',
    tolerance: 0,
  },
  {
    name: 'zeros of int32',
    compute: () => tf.zeros([2], 'int32'),
    expected: [0, 0],
    form: '[2] int32',
    tolerance: 0,
  },
];
