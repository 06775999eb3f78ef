/**
 * Logits, losses and gradients against PyTorch's on a six-layer GPT-2, for every scenario of the reference
 * files: seven tie maps, gradients summed over all uses or taken at the owner only, both GELUs.
 */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { createGpt2 } from '@ligature/transformer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectClose } from '../../nn/test/support/close.js';
import { readGolden } from './support/golden.js';
import { ids, logitsOf, lossOf } from './support/language-model.js';
import { lossAndGradients, trainableNames, viewOf } from './support/stack.js';

const { golden, weights, expected } = readGolden();
const { n_layer, n_embd, n_head, n_positions, vocab_size, layer_norm_epsilon } = golden.config;

describe.each(['cpu', 'wasm'])('the reference files on %s', (backend) => {
  const tensors = new Map<string, tf.Tensor>();

  beforeAll(async () => {
    await tf.setBackend(backend);
    for (const [name, { data, shape }] of weights) tensors.set(name, tf.tensor(data, shape));
  });
  afterAll(() => tf.dispose([...tensors.values()]));

  it.each(golden.scenarios)('$name', (scenario) => {
    const model = createGpt2({
      layers: n_layer,
      width: n_embd,
      heads: n_head,
      context: n_positions,
      vocabularySize: vocab_size,
      activation: scenario.activation_function,
      layerNormEpsilon: layer_norm_epsilon,
    });
    const rows = golden.batches[0]!;
    const before = tf.memory().numTensors;

    const [inputs, labels] = [ids(rows.map((row) => row.slice(0, -1))), ids(rows.map((row) => row.slice(1)))];
    const logits = tf.tidy(() => {
      const out = logitsOf(model, viewOf(model, scenario.tie_map, tensors), inputs);
      expect(out.shape).toEqual([rows.length * n_positions, vocab_size]);
      return out.dataSync();
    });
    expectClose(logits, expected.get(`${scenario.name}/logits`)!.data, 2e-4, 1e-3, 'logits');

    const { tie_map, gradient } = scenario;
    const names = trainableNames(model, tie_map);
    const { loss, gradients } = lossAndGradients(model, tie_map, tensors, gradient, names, (view) =>
      lossOf(model, view, inputs, labels, { training: true }),
    );
    tf.dispose([inputs, labels]);
    expect(Math.abs(loss - scenario.steps[0]!.loss)).toBeLessThanOrEqual(5e-4);
    const referenced = [...expected.keys()].filter((key) => key.startsWith(`${scenario.name}/grad.`));
    expect(referenced.length).toBe(gradients.size);
    let squares = 0;
    for (const [name, gradient] of gradients) {
      expectClose(gradient, expected.get(`${scenario.name}/grad.${name}`)!.data, 2e-4, 1e-3, name);
      for (const value of gradient) squares += value * value;
    }
    expect(Math.abs(Math.sqrt(squares) - scenario.steps[0]!.grad_norm)).toBeLessThanOrEqual(2e-3);
    expect(tf.memory().numTensors).toBe(before);
  });
});
