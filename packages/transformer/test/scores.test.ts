/** Scores of labels: against plain loops on random logits, and against PyTorch's loss and logits. */
import { createGpt2 } from '@ligature/transformer';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { labelScores } from '../src/ops/label-scores.js';
import { BACKENDS } from './support/backends.js';
import { expectClose } from './support/close.js';
import { readGolden } from './support/golden.js';
import * as loops from './support/numeric.js';
import { viewOf } from './support/stack.js';

const firstLargest = (row: readonly number[]): number => row.indexOf(Math.max(...row));

describe.each(BACKENDS)('on %s', (backend) => {
  let before = 0;
  beforeEach(async () => {
    await tf.setBackend(backend);
    before = tf.memory().numTensors;
  });
  afterEach(() => expect(tf.memory().numTensors).toBe(before));

  it('labelScores, in blocks of any size', () => {
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
          labels: fc.array(fc.nat(classes - 1), { minLength: rows, maxLength: rows }),
          perBlock: fc.integer({ min: 1, max: 10 }),
        });
      });
    fc.assert(
      fc.property(cases, ({ shape: [rows, width, classes], x, table, labels, perBlock }) => {
        const found = tf.tidy(() => {
          const scores = labelScores(
            tf.tensor2d(x, [rows, width]),
            tf.tensor2d(table, [classes, width]),
            tf.tensor1d(labels, 'int32'),
            perBlock,
          );
          expect(scores.shape).toEqual([2, rows]);
          return scores.dataSync();
        });
        const logits = labels.map((_, row) =>
          Array.from({ length: classes }, (_, label) =>
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
      { numRuns: 25 },
    );
  });

  it('do not overflow on logits of a thousand', () => {
    const found = tf.tidy(() => {
      const labels = tf.tensor1d([0, 1], 'int32');
      return labelScores(tf.tensor2d([[1000], [1000]]), tf.tensor2d([[1], [0]]), labels).dataSync();
    });
    expectClose(found, [0, 1000, 1, 0], 1e-3, 0);
  });

  it("sum up to PyTorch's losses and count its most likely tokens", () => {
    const { golden, weights, expected } = readGolden();
    const { n_layer, n_embd, n_head, n_positions, vocab_size, layer_norm_epsilon } = golden.config;
    const rows = golden.batches[0]!;
    for (const scenario of golden.scenarios) {
      const model = createGpt2({
        layers: n_layer,
        width: n_embd,
        heads: n_head,
        context: n_positions,
        vocabularySize: vocab_size,
        activation: scenario.activation_function,
        layerNormEpsilon: layer_norm_epsilon,
      });
      const found = tf.tidy(() => {
        const tensors = new Map(
          [...weights].map(([name, { data, shape }]) => [name, tf.tensor(data, shape)]),
        );
        const ids = (from: number): tf.Tensor2D =>
          tf.tensor2d(
            rows.map((row) => row.slice(from, from + n_positions)),
            undefined,
            'int32',
          );
        return model.scores!(viewOf(model, scenario.tie_map, tensors), ids(0), ids(1)).dataSync();
      });
      const count = rows.length * n_positions;
      const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);
      const mean = sum(found.subarray(0, count)) / count;
      expect(Math.abs(mean - scenario.steps[0]!.loss)).toBeLessThanOrEqual(5e-4);
      const logits = expected.get(`${scenario.name}/logits`)!.data;
      const hits = rows
        .flatMap((row) => row.slice(1))
        .map((label, position) => {
          const at = position * vocab_size;
          return firstLargest([...logits.subarray(at, at + vocab_size)]) === label ? 1 : 0;
        });
      expect([...found.subarray(count)]).toEqual(hits);
    }
  });
});
