/** The pieces of LLaMA against plain loops, values and gradients: RMSNorm, SwiGLU, rotary tables. */
import { registerMatMulGradient, rmsNorm, rotaryFrequencies, rotaryTables, swiglu } from '@ligature/nn';
import type { RotaryScaling, SwigluWeights } from '@ligature/nn';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BACKENDS } from './support/backends.js';
import { expectClose } from './support/close.js';
import * as loops from './support/numeric.js';
import { numbers, run, runs, small } from './support/run.js';

/** Every input by itself: its gradient against the slopes of the loops. */
function expectGradients(
  gradients: readonly Float32Array[],
  inputs: readonly (readonly number[])[],
  dy: readonly number[],
  along: (inputs: readonly (readonly number[])[]) => number[],
): void {
  inputs.forEach((input, at) => {
    const slopes = loops.numericGradient(
      (moved) => loops.dot(along(inputs.map((one, i) => (i === at ? [...moved] : one))), dy),
      input,
    );
    expectClose(gradients[at]!, slopes, 1e-3, 1e-3, `gradient ${at}`);
  });
}

const rowsOf = (x: readonly number[], width: number): number[][] =>
  Array.from({ length: x.length / width }, (_, row) => x.slice(row * width, (row + 1) * width));

/** x [rows, in] by weight [out, in], as PyTorch's Linear. */
const linearly = (
  x: readonly number[],
  weight: readonly number[],
  inputs: number,
  bias?: readonly number[],
): number[] =>
  rowsOf(x, inputs).flatMap((row) =>
    rowsOf(weight, inputs).map((column, out) => loops.dot(row, column) + (bias?.[out] ?? 0)),
  );

describe.each(BACKENDS)('on %s', (backend) => {
  let before = 0;
  beforeEach(async () => {
    await tf.setBackend(backend);
    registerMatMulGradient();
    before = tf.memory().numTensors;
  });
  afterEach(() => expect(tf.memory().numTensors).toBe(before));

  it('rmsNorm', () => {
    const epsilon = 0.1;
    const cases = fc
      .tuple(small(4), small(6))
      .chain(([rows, width]) =>
        fc.tuple(
          fc.constant([rows, width] as const),
          numbers(rows * width),
          numbers(width),
          numbers(rows * width),
        ),
      );
    fc.assert(
      fc.property(cases, ([[rows, width], x, gain, dy]) => {
        const along = ([x, gain]: readonly (readonly number[])[]): number[] =>
          rowsOf(x!, width).flatMap((row) => {
            const scale = 1 / Math.sqrt(loops.dot(row, row) / width + epsilon);
            return row.map((value, at) => value * scale * gain![at]!);
          });
        const { value, gradients } = run(
          (x, gain) => rmsNorm(x as tf.Tensor2D, gain as tf.Tensor1D, epsilon),
          [
            [x, [rows, width]],
            [gain, [width]],
          ],
          dy,
        );
        expectClose(value, along([x, gain]), 1e-5, 1e-5);
        expectGradients(gradients, [x, gain], dy, along);
      }),
      runs,
    );
  });

  it('rmsNorm of a hand-computed row', () => {
    // Mean of squares (9 + 16) / 2 = 12.5.
    const { value } = run(
      (x, gain) => rmsNorm(x as tf.Tensor2D, gain as tf.Tensor1D, 0),
      [
        [
          [3, -4],
          [1, 2],
        ],
        [[1, 10], [2]],
      ],
      [0, 0],
    );
    expectClose(value, [3 / Math.sqrt(12.5), -40 / Math.sqrt(12.5)], 1e-5, 0);
  });

  it.each([false, true])('swiglu, with biases: %s', (biased) => {
    const cases = fc
      .tuple(small(3), small(3), small(4))
      .chain(([rows, width, inner]) =>
        fc.tuple(
          fc.constant([rows, width, inner] as const),
          fc.tuple(
            numbers(rows * width),
            numbers(inner * width),
            numbers(inner * width),
            numbers(width * inner),
          ),
          fc.tuple(numbers(inner), numbers(inner), numbers(width)),
          numbers(rows * width),
        ),
      );
    fc.assert(
      fc.property(cases, ([[rows, width, inner], weights, biases, dy]) => {
        const values = biased ? [...weights, ...biases] : weights;
        const shapes = [
          ...[
            [rows, width],
            [inner, width],
            [inner, width],
            [width, inner],
          ],
          ...(biased ? [[inner], [inner], [width]] : []),
        ];
        const along = ([
          x,
          gate,
          up,
          down,
          gateBias,
          upBias,
          downBias,
        ]: readonly (readonly number[])[]): number[] => {
          const gates = linearly(x!, gate!, width, gateBias);
          const offered = linearly(x!, up!, width, upBias);
          const gated = gates.map((z, at) => (z / (1 + Math.exp(-z))) * offered[at]!);
          return linearly(gated, down!, inner, downBias);
        };
        const { value, gradients } = run(
          (x, gate, up, down, ...rest) =>
            swiglu(
              x as tf.Tensor2D,
              {
                ...{ gate, up, down },
                ...(biased && { biases: { gate: rest[0], up: rest[1], down: rest[2] } }),
              } as SwigluWeights,
            ),
          values.map((one, at) => [one, shapes[at]!]),
          dy,
        );
        expectClose(value, along(values), 1e-4, 1e-4);
        expectGradients(gradients, values, dy, along);
      }),
      runs,
    );
  });
});

describe('rotary frequencies', () => {
  const size = 8;
  const plain = [1, 0.1, 0.01, 0.001];

  it('fall from 1 by equal ratios', () => {
    expectClose(rotaryFrequencies({ size, theta: 10_000 }), plain, 0, 1e-6);
  });

  it('are divided by the factor of a linear scaling', () => {
    expectClose(
      rotaryFrequencies({ size, theta: 10_000, scaling: { type: 'linear', factor: 4 } }),
      plain.map((frequency) => frequency / 4),
      0,
      1e-6,
    );
  });

  it('of Llama 3.1 are kept where they are high, divided where they are low, blended between', () => {
    // Turns in 64 positions: 10.19, 1.019, 0.1019, 0.0102. Between 0.5 and 4 the second one is blended.
    const scaling: RotaryScaling = {
      ...{ type: 'llama3', factor: 8, lowFrequencyFactor: 0.5, highFrequencyFactor: 4, originalContext: 64 },
    };
    const kept = ((64 * 0.1) / (2 * Math.PI) - 0.5) / 3.5;
    expectClose(
      rotaryFrequencies({ size, theta: 10_000, scaling }),
      [1, (1 - kept) * 0.0125 + kept * 0.1, 0.00125, 0.000125],
      0,
      1e-6,
    );
  });

  it('give tables of cosines and sines, a row for each position', async () => {
    await tf.setBackend('cpu');
    const tables = rotaryTables(Float32Array.of(1, 0.5), 3);
    expectClose(tables.cos.dataSync(), [1, 1, Math.cos(1), Math.cos(0.5), Math.cos(2), Math.cos(1)], 1e-6, 0);
    expectClose(tables.sin.dataSync(), [0, 0, Math.sin(1), Math.sin(0.5), Math.sin(2), Math.sin(1)], 1e-6, 0);
    tf.dispose([tables.cos, tables.sin]);
  });
});
