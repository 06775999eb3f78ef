/**
 * Losses over a projection against plain loops in double precision: with and without a bias, with and without labels that
 * do not count; gradients by central differences of the loops.
 */
import {
  meanCrossEntropy,
  meanSquaredError,
  projectedCrossEntropy,
  projectedOutputs,
  projectedSpanCrossEntropy,
  registerMatMulGradient,
} from '@ligature/nn';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BACKENDS } from './support/backends.js';
import { expectClose } from './support/close.js';
import * as loops from './support/numeric.js';
import { numbers, run, runs, small } from './support/run.js';

const sizes = fc.tuple(small(4), small(3), fc.integer({ min: 2, max: 7 }));

type Inputs = readonly [features: loops.Vector, weight: loops.Vector, bias: loops.Vector];

/** Without a bias the third of the inputs is left out. */
const projectionOf = ([features, weight, bias]: readonly tf.Tensor[]) => ({
  features: features as tf.Tensor2D,
  weight: weight as tf.Tensor2D,
  ...(bias && { bias: bias as tf.Tensor1D }),
});

function outputsOf([features, weight, bias]: Inputs, width: number): number[] {
  const outputs = weight.length / width;
  return loops.matMulTransposed(features, weight, width).map((value, i) => value + bias[i % outputs]!);
}

describe.each(BACKENDS)('on %s', (backend) => {
  let before = 0;
  beforeEach(async () => {
    await tf.setBackend(backend);
    registerMatMulGradient();
    before = tf.memory().numTensors;
  });
  afterEach(() => expect(tf.memory().numTensors).toBe(before));

  /** Value and gradients of a loss over a projection, and of its loops. */
  function check(
    inputs: Inputs,
    [rows, width, outputs]: readonly [number, number, number],
    biased: boolean,
    op: (projection: ReturnType<typeof projectionOf>) => tf.Tensor,
    loop: (outputs: loops.Vector) => number,
    dy?: readonly number[],
  ): void {
    const used = inputs.slice(0, biased ? 3 : 2);
    const shapes = [[rows, width], [outputs, width], [outputs]];
    const along = (all: readonly loops.Vector[]): number =>
      loop(outputsOf([all[0]!, all[1]!, all[2] ?? inputs[2].map(() => 0)], width));
    const { value, gradients } = run(
      (...tensors) => op(projectionOf(tensors)),
      used.map((values, i) => [values, shapes[i]!]),
      dy,
    );
    if (!dy) expectClose(value, [along(used)], 2e-5, 1e-5);
    used.forEach((values, i) => {
      const moved = (v: loops.Vector): loops.Vector[] => used.map((other, j) => (i === j ? v : other));
      const slopes = loops.numericGradient((v) => along(moved(v)), values);
      expectClose(gradients[i]!, slopes, 5e-5, 1e-4, `gradient ${i}`);
    });
  }

  it.each([
    ['', false, false],
    [' with a bias', true, false],
    [' with labels that do not count', false, true],
    [' with both', true, true],
  ])('projectedCrossEntropy%s', (_, biased, ignoreNegative) => {
    const cases = sizes.chain(([rows, width, classes]) =>
      fc.tuple(
        fc.constant([rows, width, classes] as const),
        fc.tuple(numbers(rows * width), numbers(classes * width), numbers(classes)),
        fc.array(
          ignoreNegative ? fc.oneof(fc.nat(classes - 1), fc.constantFrom(-100, -1)) : fc.nat(classes - 1),
          { minLength: rows, maxLength: rows },
        ),
      ),
    );
    fc.assert(
      fc.property(cases, ([size, inputs, labels]) =>
        check(
          inputs,
          size,
          biased,
          (projection) => projectedCrossEntropy(projection, tf.tensor1d(labels, 'int32'), { ignoreNegative }),
          (logits) => loops.crossEntropy(logits, size[2], labels),
        ),
      ),
      runs,
    );
  });

  it.each([false, true])('projectedCrossEntropy is 0 where nothing counts, bias: %s', (biased) => {
    const { value, gradients } = run(
      (...tensors) =>
        projectedCrossEntropy(projectionOf(tensors), tf.tensor1d([-100, -100], 'int32'), {
          ignoreNegative: true,
        }),
      (
        [
          [
            [1, 2],
            [2, 1],
          ],
          [
            [3, 4, 5],
            [3, 1],
          ],
          [[1, 2, 3], [3]],
        ] as [number[], number[]][]
      ).slice(0, biased ? 3 : 2),
    );
    expect(Math.abs(value[0]!)).toBe(0);
    for (const gradient of gradients) for (const entry of gradient) expect(Math.abs(entry)).toBe(0);
  });

  it('meanCrossEntropy', () => {
    const cases = fc
      .tuple(small(4), fc.integer({ min: 2, max: 7 }))
      .chain(([rows, classes]) =>
        fc.tuple(
          fc.constant(classes),
          numbers(rows * classes, 5),
          fc.array(fc.nat(classes - 1), { minLength: rows, maxLength: rows }),
        ),
      );
    fc.assert(
      fc.property(cases, ([classes, logits, labels]) => {
        const { value, gradients } = run(
          (x) => meanCrossEntropy(x as tf.Tensor2D, tf.tensor1d(labels, 'int32')),
          [[logits, [labels.length, classes]]],
        );
        expectClose(value, [loops.crossEntropy(logits, classes, labels)], 1e-5, 1e-5);
        const slopes = loops.numericGradient((v) => loops.crossEntropy(v, classes, labels), logits);
        expectClose(gradients[0]!, slopes, 1e-5, 1e-4);
      }),
      runs,
    );
  });

  it('meanCrossEntropy of a label whose probability underflows', () => {
    const { value, gradients } = run(
      (x) => meanCrossEntropy(x as tf.Tensor2D, tf.tensor1d([1], 'int32')),
      [
        [
          [500, -500],
          [1, 2],
        ],
      ],
    );
    expectClose(value, [1000], 1e-3, 0);
    expectClose(gradients[0]!, [1, -1], 1e-6, 0);
  });

  it.each([false, true])('projectedSpanCrossEntropy, bias: %s', (biased) => {
    const cases = fc.tuple(small(3), small(4), small(3)).chain(([batch, time, width]) => {
      // One beyond either end is a position that was cut off.
      const positions = fc.array(fc.integer({ min: -1, max: time }), { minLength: batch, maxLength: batch });
      return fc.tuple(
        fc.constant([batch, time, width] as const),
        fc.tuple(numbers(batch * time * width), numbers(2 * width), numbers(2)),
        fc.tuple(positions, positions),
      );
    });
    const kind = (outputs: loops.Vector, at: 0 | 1, time: number, labels: loops.Vector): number => {
      const inside = labels.map((label) => (label < time ? label : -1));
      return loops.crossEntropy(
        outputs.filter((_, i) => i % 2 === at),
        time,
        inside,
      );
    };
    fc.assert(
      fc.property(cases, ([[batch, time, width], inputs, [starts, ends]]) =>
        check(
          inputs,
          [batch * time, width, 2],
          biased,
          (projection) =>
            projectedSpanCrossEntropy(projection, tf.tensor1d(starts, 'int32'), tf.tensor1d(ends, 'int32')),
          (outputs) => (kind(outputs, 0, time, starts) + kind(outputs, 1, time, ends)) / 2,
        ),
      ),
      runs,
    );
  });

  it.each([false, true])('projectedSpanCrossEntropy over the allowed positions alone, bias: %s', (biased) => {
    const cases = fc.tuple(small(3), small(4), small(3)).chain(([batch, time, width]) => {
      const row = fc
        .array(fc.boolean(), { minLength: time, maxLength: time })
        .map((allowed) => (allowed.includes(true) ? allowed : allowed.fill(true, 0, 1)));
      const label = fc.nat(99);
      const many = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: batch, maxLength: batch });
      return fc.tuple(
        fc.constant([batch, time, width] as const),
        fc.tuple(numbers(batch * time * width), numbers(2 * width), numbers(2)),
        many(row),
        fc.tuple(many(label), many(label)),
      );
    });
    fc.assert(
      fc.property(cases, ([[batch, time, width], inputs, allowed, drawn]) => {
        const open = allowed.map((row) => row.flatMap((yes, at) => (yes ? [at] : [])));
        const [starts, ends] = drawn.map((labels) =>
          labels.map((label, row) => open[row]![label % open[row]!.length]!),
        ) as [number[], number[]];
        // Each row as if the others were not there.
        const kind = (outputs: loops.Vector, at: 0 | 1, labels: readonly number[]): number => {
          const logits = outputs.filter((_, i) => i % 2 === at);
          const nats = labels.map((label, row) => {
            const left = open[row]!.map((place) => logits[row * time + place]!);
            return loops.crossEntropy(left, left.length, [open[row]!.indexOf(label)]);
          });
          return nats.reduce((sum, value) => sum + value, 0) / batch;
        };
        check(
          inputs,
          [batch * time, width, 2],
          biased,
          (projection) =>
            projectedSpanCrossEntropy(
              projection,
              tf.tensor1d(starts, 'int32'),
              tf.tensor1d(ends, 'int32'),
              tf.tensor2d(allowed.flat().map(Number), [batch, time], 'int32'),
            ),
          (outputs) => (kind(outputs, 0, starts) + kind(outputs, 1, ends)) / 2,
        );
      }),
      runs,
    );
  });

  it.each([false, true])('projectedOutputs and meanSquaredError, bias: %s', (biased) => {
    const cases = sizes.chain(([rows, width, outputs]) =>
      fc.tuple(
        fc.constant([rows, width, outputs] as const),
        fc.tuple(numbers(rows * width), numbers(outputs * width), numbers(outputs)),
        numbers(rows * outputs),
      ),
    );
    fc.assert(
      fc.property(cases, ([size, inputs, others]) => {
        check(inputs, size, biased, projectedOutputs, (found) => loops.dot(found, others), others);
        check(
          inputs,
          size,
          biased,
          (projection) => meanSquaredError(projection, tf.tensor2d(others, [size[0], size[2]])),
          (found) => found.reduce((sum, v, i) => sum + (v - others[i]!) ** 2, 0) / found.length,
        );
      }),
      runs,
    );
  });
});
