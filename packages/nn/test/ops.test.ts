/**
 * Every op with its own gradient against plain loops in double precision, on random shapes: values directly,
 * gradients by central differences of the loops. So neither our closed forms nor tfjs's autodiff is its own judge.
 */
import {
  dropoutMask,
  dropoutOf,
  embedding,
  gelu,
  layerNorm,
  linear,
  mlp,
  registerMatMulGradient,
  reshaped,
  residual,
  takeRows,
} from '@ligature/nn';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BACKENDS } from './support/backends.js';
import { expectClose } from './support/close.js';
import * as loops from './support/numeric.js';
import { numbers, run, runs, small } from './support/run.js';

/** A row-major matrix [rows, columns] as [columns, rows]. */
const turn = (values: readonly number[], rows: number, columns: number): number[] =>
  Array.from({ length: rows * columns }, (_, at) => values[(at % rows) * columns + Math.floor(at / rows)]!);

describe.each(BACKENDS)('on %s', (backend) => {
  let before = 0;
  beforeEach(async () => {
    await tf.setBackend(backend);
    before = tf.memory().numTensors;
  });
  afterEach(() => expect(tf.memory().numTensors).toBe(before));

  it('layerNorm', () => {
    const cases = fc
      .tuple(small(4), fc.integer({ min: 2, max: 6 }))
      .chain(([rows, width]) =>
        fc.tuple(
          fc.constant({ rows, width }),
          numbers(rows * width),
          numbers(width),
          numbers(width),
          numbers(rows * width),
        ),
      );
    fc.assert(
      fc.property(cases, ([{ rows, width }, x, gain, bias, dy]) => {
        // A large epsilon keeps the function smooth on constant rows, where the differences would be useless.
        const epsilon = 0.1;
        const { value, gradients } = run(
          (x, gain, bias) => layerNorm(x as tf.Tensor2D, gain as tf.Tensor1D, bias as tf.Tensor1D, epsilon),
          [
            [x, [rows, width]],
            [gain, [width]],
            [bias, [width]],
          ],
          dy,
        );
        expectClose(value, loops.layerNorm(x, width, gain, bias, epsilon), 1e-5, 1e-5);
        const along = (a: loops.Vector, b: loops.Vector, c: loops.Vector): number =>
          loops.dot(loops.layerNorm(a, width, b, c, epsilon), dy);
        expectClose(
          gradients[0]!,
          loops.numericGradient((v) => along(v, gain, bias), x),
          1e-4,
          1e-4,
          'dx',
        );
        expectClose(
          gradients[1]!,
          loops.numericGradient((v) => along(x, v, bias), gain),
          1e-4,
          1e-4,
          'dGain',
        );
        expectClose(
          gradients[2]!,
          loops.numericGradient((v) => along(x, gain, v), bias),
          1e-4,
          1e-4,
          'dBias',
        );
      }),
      runs,
    );
  });

  it('layerNorm of a hand-computed row', () => {
    // Mean 2, variance (1 + 0 + 1) / 3: the row becomes -sqrt(1.5), 0, sqrt(1.5).
    const { value } = run(
      (x, gain, bias) => layerNorm(x as tf.Tensor2D, gain as tf.Tensor1D, bias as tf.Tensor1D, 1e-12),
      [
        [
          [1, 2, 3],
          [1, 3],
        ],
        [[1, 1, 2], [3]],
        [[0, 5, 0], [3]],
      ],
      [0, 0, 0],
    );
    expectClose(value, [-Math.sqrt(1.5), 5, 2 * Math.sqrt(1.5)], 1e-5, 0);
  });

  it.each([
    ['gelu_new', loops.geluTanh],
    ['gelu', loops.geluExact],
  ] as const)('%s', (kind, loop) => {
    const cases = small(6).chain((n) => fc.tuple(numbers(n, 6), numbers(n)));
    fc.assert(
      fc.property(cases, ([x, dy]) => {
        const { value, gradients } = run((x) => gelu(x, kind), [[x, [x.length]]], dy);
        expectClose(value, x.map(loop), 2e-6, 1e-5);
        const slopes = x.map((v, i) => dy[i]! * loops.numericGradient(([w]) => loop(w!), [v])[0]!);
        expectClose(gradients[0]!, slopes, 1e-5, 1e-4);
      }),
      runs,
    );
  });

  it('both GELUs far out: 0 on the left, the identity on the right', () => {
    for (const kind of ['gelu_new', 'gelu'] as const) {
      const { value, gradients } = run((x) => gelu(x, kind), [[[-30, 30], [2]]], [1, 1]);
      expectClose(value, [0, 30], 1e-6, 1e-6);
      expectClose(gradients[0]!, [0, 1], 1e-6, 1e-6);
    }
  });

  it.each([
    ['gelu_new', loops.geluTanh],
    ['gelu', loops.geluExact],
  ] as const)('mlp with %s', (kind, loop) => {
    registerMatMulGradient();
    const cases = fc
      .tuple(small(3), small(3), small(4))
      .chain(([rows, width, inner]) =>
        fc.tuple(
          fc.constant([rows, width, inner] as const),
          numbers(rows * width),
          numbers(width * inner),
          numbers(inner),
          numbers(inner * width),
          numbers(width),
          numbers(rows * width),
        ),
      );
    fc.assert(
      fc.property(cases, ([[rows, width, inner], x, input, inputBias, output, outputBias, dy]) => {
        const values = [x, input, inputBias, output, outputBias];
        const shapes = [[rows, width], [width, inner], [inner], [inner, width], [width]];
        const { value, gradients } = run(
          (x, input, inputBias, output, outputBias) =>
            mlp(
              x as tf.Tensor2D,
              {
                input: input as tf.Tensor2D,
                inputBias: inputBias as tf.Tensor1D,
                output: output as tf.Tensor2D,
                outputBias: outputBias as tf.Tensor1D,
              },
              kind,
            ),
          values.map((v, i) => [v, shapes[i]!]),
          dy,
        );
        const turned = [
          values[0]!,
          turn(input, width, inner),
          inputBias,
          turn(output, inner, width),
          outputBias,
        ];
        const byOutputs = run(
          (x, input, inputBias, output, outputBias) =>
            mlp(
              x as tf.Tensor2D,
              {
                input: input as tf.Tensor2D,
                inputBias: inputBias as tf.Tensor1D,
                output: output as tf.Tensor2D,
                outputBias: outputBias as tf.Tensor1D,
              },
              kind,
              'outputs',
            ),
          turned.map((v, i) => [v, i === 1 || i === 3 ? [...shapes[i]!].reverse() : shapes[i]!]),
          dy,
        );
        expectClose(byOutputs.value, [...value], 1e-5, 1e-5);
        const [dX, dInput, dInputBias, dOutput, dOutputBias] = gradients.map((gradient) => [...gradient]);
        const turnedBack = [
          dX!,
          turn(dInput!, width, inner),
          dInputBias!,
          turn(dOutput!, inner, width),
          dOutputBias!,
        ];
        turnedBack.forEach((values, i) =>
          expectClose(byOutputs.gradients[i]!, values, 1e-5, 1e-5, `gradient ${i} by outputs`),
        );

        const along = (all: readonly loops.Vector[]): number[] => {
          const [x, input, inputBias, output, outputBias] = all as [
            loops.Vector,
            loops.Vector,
            loops.Vector,
            loops.Vector,
            loops.Vector,
          ];
          const active = loops.affine(x, input, inputBias).map(loop);
          return loops.affine(active, output, outputBias);
        };
        expectClose(value, along(values), 1e-4, 1e-4);
        values.forEach((v, i) => {
          const slopes = loops.numericGradient(
            (moved) => loops.dot(along(values.map((other, j) => (i === j ? moved : other))), dy),
            v,
          );
          expectClose(gradients[i]!, slopes, 1e-3, 1e-3, `gradient ${i}`);
        });
      }),
      { numRuns: kind === 'gelu' ? 4 : 15 }, // the exact one's oracle integrates numerically
    );
  });

  it('embedding adds up the gradients of repeated tokens and positions', () => {
    const { value, gradients } = run(
      (table, positions) =>
        embedding(
          table as tf.Tensor2D,
          positions as tf.Tensor2D,
          tf.tensor2d(
            [
              [2, 0],
              [2, 2],
            ],
            [2, 2],
            'int32',
          ),
        ),
      [
        [
          [1, 2, 3, 4, 5, 6],
          [3, 2],
        ],
        [
          [10, 20, 30, 40, 50, 60],
          [3, 2],
        ],
      ],
      [1, 10, 2, 20, 3, 30, 4, 40],
    );
    expect([...value]).toEqual([15, 26, 31, 42, 15, 26, 35, 46]);
    expect([...gradients[0]!]).toEqual([2, 20, 0, 0, 1 + 3 + 4, 10 + 30 + 40]);
    expect([...gradients[1]!]).toEqual([1 + 3, 10 + 30, 2 + 4, 20 + 40, 0, 0]);
  });

  it('embedding gives padding no gradient, where it is told what padding is', () => {
    const { value, gradients } = run(
      (table, positions) =>
        embedding(
          table as tf.Tensor2D,
          positions as tf.Tensor2D,
          tf.tensor2d([[2, 0, 2]], [1, 3], 'int32'),
          2,
        ),
      [
        [
          [1, 2, 3],
          [3, 1],
        ],
        [
          [10, 20, 30],
          [3, 1],
        ],
      ],
      [5, 7, 9],
    );
    expect([...value]).toEqual([13, 21, 33]);
    expect([...gradients[0]!]).toEqual([7, 0, 0]);
    expect([...gradients[1]!]).toEqual([5, 7, 9]);
  });

  it('takeRows adds up the gradients of a row that is taken twice', () => {
    const { value, gradients } = run(
      (x) => takeRows(x as tf.Tensor2D, tf.tensor1d([2, 0, 2], 'int32')),
      [
        [
          [1, 2, 3, 4, 5, 6],
          [3, 2],
        ],
      ],
      [1, 10, 2, 20, 3, 30],
    );
    expect([...value]).toEqual([5, 6, 1, 2, 5, 6]);
    expect([...gradients[0]!]).toEqual([2, 20, 0, 0, 1 + 3, 10 + 30]);
  });

  it('linear, residual and reshaped by hand', () => {
    registerMatMulGradient();
    const { value, gradients } = run(
      (x, weight, bias) => {
        const y = linear(x as tf.Tensor2D, weight as tf.Tensor2D, bias as tf.Tensor1D);
        return reshaped(residual(y, y), [4]);
      },
      [
        [
          [1, 2, 3, 4],
          [2, 2],
        ],
        [
          [1, 0, 2, 1],
          [2, 2],
        ],
        [[10, 20], [2]],
      ],
      [1, 0, 0, 1],
    );
    expect([...value]).toEqual([30, 44, 42, 48]);
    expect([...gradients[0]!]).toEqual([2, 4, 0, 2]); // 2 dy Wᵀ
    expect([...gradients[1]!]).toEqual([2, 6, 4, 8]); // 2 xᵀ dy
    expect([...gradients[2]!]).toEqual([2, 2]);
  });

  it('the gradient of matrix products, for every combination of transposed operands', () => {
    registerMatMulGradient();
    const [a, b, dy] = [
      [1, -2, 3, 0.5, 4, -1],
      [2, 1, 0, -1, 3, 5],
      [1, 2, -3, 4],
    ];
    for (const left of [false, true])
      for (const right of [false, true]) {
        const shapes = [left ? [3, 2] : [2, 3], right ? [2, 3] : [3, 2]];
        const { gradients } = run(
          (x, y) => tf.matMul(x as tf.Tensor2D, y as tf.Tensor2D, left, right),
          [
            [a!, shapes[0]!],
            [b!, shapes[1]!],
          ],
          dy,
        );
        const product = (x: loops.Vector, y: loops.Vector): number[] =>
          [0, 1].flatMap((i) =>
            [0, 1].map((j) =>
              [0, 1, 2].reduce(
                (sum, k) => sum + x[left ? k * 2 + i : i * 3 + k]! * y[right ? j * 3 + k : k * 2 + j]!,
                0,
              ),
            ),
          );
        expectClose(
          gradients[0]!,
          loops.numericGradient((v) => loops.dot(product(v, b!), dy!), a!),
          1e-5,
          1e-5,
        );
        expectClose(
          gradients[1]!,
          loops.numericGradient((v) => loops.dot(product(a!, v), dy!), b!),
          1e-5,
          1e-5,
        );
      }
  });

  it('dropout masks value and gradient alike, and the mask depends on the seed alone', () => {
    const ones = new Array<number>(1000).fill(1);
    const once = run((x) => dropoutOf(x, { rate: 0.25, seed: () => 5 }), [[ones, [1000]]], ones);
    expect([...once.gradients[0]!]).toEqual([...once.value]);
    expect(new Set(once.value)).toEqual(new Set([0, Math.fround(4 / 3)]));
    const other = run((x) => dropoutOf(x, { rate: 0.25, seed: () => 6 }), [[ones, [1000]]], ones);
    expect([...other.value]).not.toEqual([...once.value]);
    // 250 +- 13.7 are dropped on average; five standard deviations either way.
    const dropped = once.value.filter((value) => value === 0).length;
    expect(Math.abs(dropped - 250)).toBeLessThan(69);
  });
});

it('dropout masks are the same on every backend', async () => {
  const masks: string[] = [];
  for (const backend of ['cpu', 'wasm']) {
    await tf.setBackend(backend);
    masks.push(
      tf.tidy(() =>
        dropoutMask<tf.Rank.R2>([7, 9], 0.5, 2 ** 40 + 3)
          .dataSync()
          .join(),
      ),
    );
  }
  expect(masks[0]).toBe(masks[1]);
});
