/** Scores of labels against plain loops on random outputs. */
import { labelScores } from '@ligature/nn';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BACKENDS } from './support/backends.js';
import { expectClose } from './support/close.js';
import * as loops from './support/numeric.js';

const firstLargest = (row: readonly number[]): number => row.indexOf(Math.max(...row));

describe.each(BACKENDS)('labelScores on %s', (backend) => {
  let before = 0;
  beforeEach(async () => {
    await tf.setBackend(backend);
    before = tf.memory().numTensors;
  });
  afterEach(() => expect(tf.memory().numTensors).toBe(before));

  it('in blocks of any size, with and without a bias and labels that do not count', () => {
    const cases = fc
      .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 7 }))
      .chain(([rows, width, classes]) => {
        // Halves, so that products are exact in float32 and equal logits are equal.
        const halves = (length: number): fc.Arbitrary<number[]> =>
          fc.array(
            fc.integer({ min: -9, max: 9 }).map((n) => n / 2),
            { minLength: length, maxLength: length },
          );
        return fc.record({
          shape: fc.constant([rows, width, classes] as const),
          x: halves(rows * width),
          table: halves(classes * width),
          bias: fc.option(halves(classes)),
          labels: fc.array(fc.nat(classes - 1), { minLength: rows, maxLength: rows }),
          ignored: fc.option(fc.array(fc.boolean(), { minLength: rows, maxLength: rows })),
          perBlock: fc.integer({ min: 1, max: 10 }),
        });
      });
    fc.assert(
      fc.property(cases, ({ shape: [rows, width, classes], x, table, bias, ignored, perBlock, ...drawn }) => {
        const labels = drawn.labels.map((label, row) => (ignored?.[row] ? -100 : label));
        const found = tf.tidy(() => {
          const projection = {
            features: tf.tensor2d(x, [rows, width]),
            weight: tf.tensor2d(table, [classes, width]),
          };
          const scores = labelScores(
            bias ? { ...projection, bias: tf.tensor1d(bias) } : projection,
            tf.tensor1d(labels, 'int32'),
            { perBlock, ignoreNegative: ignored !== null },
          );
          expect(scores.shape).toEqual([2, rows]);
          return scores.dataSync();
        });
        const logits = labels.map((_, row) =>
          Array.from(
            { length: classes },
            (_, label) =>
              (bias?.[label] ?? 0) +
              loops.dot(
                x.slice(row * width, (row + 1) * width),
                table.slice(label * width, (label + 1) * width),
              ),
          ),
        );
        const nats = logits.map((row, index) => loops.crossEntropy(row, classes, [labels[index]!]));
        const correct = logits.map((row, index) => (firstLargest(row) === labels[index] ? 1 : 0));
        expectClose(found, [...nats, ...correct], 2e-5, 1e-5);
      }),
      { numRuns: 40 },
    );
  });

  it('do not overflow on logits of a thousand', () => {
    const found = tf.tidy(() => {
      const labels = tf.tensor1d([0, 1], 'int32');
      const projection = { features: tf.tensor2d([[1000], [1000]]), weight: tf.tensor2d([[1], [0]]) };
      return labelScores(projection, labels).dataSync();
    });
    expectClose(found, [0, 1000, 1, 0], 1e-3, 0);
  });
});
