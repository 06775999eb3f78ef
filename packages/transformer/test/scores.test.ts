/** Scores of labels against PyTorch's loss and logits. */
import { createGpt2 } from '@ligature/transformer';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BACKENDS } from '../../nn/test/support/backends.js';
import { readGolden } from './support/golden.js';
import { ids, scoresOf } from './support/language-model.js';
import { viewOf } from './support/stack.js';

const firstLargest = (row: readonly number[]): number => row.indexOf(Math.max(...row));

describe.each(BACKENDS)('on %s', (backend) => {
  let before = 0;
  beforeEach(async () => {
    await tf.setBackend(backend);
    before = tf.memory().numTensors;
  });
  afterEach(() => expect(tf.memory().numTensors).toBe(before));

  it("scores sum up to PyTorch's losses and count its most likely tokens", () => {
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
        const from = (start: number): tf.Tensor2D =>
          ids(rows.map((row) => row.slice(start, start + n_positions)));
        return scoresOf(model, viewOf(model, scenario.tie_map, tensors), from(0), from(1)).dataSync();
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
