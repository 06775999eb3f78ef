/**
 * Scaled residual branches against what they are: a GPT-2 whose projections onto the residual stream, weights and biases,
 * are the factor times as large (that one is compared with PyTorch elsewhere). The same numbers in the losses, in every state
 * and from the decoder; a gradient by a projection is the factor times as large by the chain rule.
 */
import { createRandomStream } from '@ligature/core';
import type { Model } from '@ligature/core';
import { createGpt2 } from '@ligature/transformer';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BACKENDS } from '../../nn/test/support/backends.js';
import { expectClose } from '../../nn/test/support/close.js';
import { causalHead, ids, logitsOf, lossOf } from './support/language-model.js';
import { lossAndGradients, trainableNames, viewOf } from './support/stack.js';

const SIZES = { layers: 4, width: 6, heads: 2, context: 5, vocabularySize: 7 };
const TIED = [0, 0, 2, 0];
const ROWS = [
  [1, 4, 2, 6, 0],
  [3, 3, 5, 1, 2],
];
const LABELS = [
  [4, 2, 6, 0, 1],
  [3, 5, 1, 2, 6],
];

const isProjection = (name: string): boolean => name.includes('.c_proj.');

/** Every weight of every layer; those of projections times `factor`. */
function weightsOf(model: Model, factor: number): Map<string, tf.Tensor> {
  const stream = createRandomStream(7, 'initialization');
  const tensors = new Map<string, tf.Tensor>();
  for (const spec of model.parameters) {
    const layers = spec.sharing === 'global' ? [undefined] : [0, 1, 2, 3];
    for (const layer of layers) {
      const name = layer === undefined ? spec.name : model.blockParameterName(layer, spec.name);
      const size = spec.shape.reduce((product, n) => product * n, 1);
      const scale = isProjection(name) ? factor : 1;
      const values = Float32Array.from({ length: size }, () => scale * stream.normal(0, 0.5));
      tensors.set(name, tf.tensor(values, [...spec.shape]));
    }
  }
  return tensors;
}

describe.each(BACKENDS)('on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));
  afterAll(() => tf.setBackend('cpu'));

  it.each([
    ['inverse-sqrt', 1 / 2],
    ['inverse', 1 / 4],
  ] as const)('of 4 layers %s is %f times what each branch adds', (residualScale, factor) => {
    const before = tf.memory().numTensors;
    const [scaled, plain] = [createGpt2({ ...SIZES, residualScale }), createGpt2(SIZES)];
    const [weights, folded] = [weightsOf(scaled, 1), weightsOf(plain, factor)];
    const names = trainableNames(scaled, TIED);
    const found = lossAndGradients(scaled, TIED, weights, 'sum', names, (view) =>
      lossOf(scaled, view, ids(ROWS), ids(LABELS), { training: true }),
    );
    const wanted = lossAndGradients(plain, TIED, folded, 'sum', names, (view) =>
      lossOf(plain, view, ids(ROWS), ids(LABELS), { training: true }),
    );
    expectClose([found.loss], [wanted.loss], 1e-5, 1e-5, 'loss');
    for (const [name, gradient] of wanted.gradients) {
      const by = isProjection(name) ? factor : 1;
      expectClose(
        found.gradients.get(name)!,
        gradient.map((value) => value * by),
        2e-5,
        1e-3,
        name,
      );
    }
    const [view, twin] = [viewOf(scaled, TIED, weights), viewOf(plain, TIED, folded)];
    const inputs = ids(ROWS);
    const states = scaled.hidden(view, { inputs });
    const twins = plain.hidden(twin, { inputs });
    expect(states).toHaveLength(4);
    states.forEach((state, layer) =>
      expectClose(state.dataSync(), twins[layer]!.dataSync(), 1e-4, 1e-4, `what leaves layer ${layer}`),
    );
    const decoder = scaled.decoder(view, causalHead(scaled));
    const all = tf.tidy(() => logitsOf(plain, twin, ids([ROWS[0]!])).dataSync());
    for (let length = 2; length <= 5; length += 1) {
      const logits =
        length === 2 ? decoder.prefill(ROWS[0]!.slice(0, 2)) : decoder.step(ROWS[0]![length - 1]!);
      const from = (length - 1) * SIZES.vocabularySize;
      expectClose(
        logits.dataSync(),
        all.slice(from, from + SIZES.vocabularySize),
        1e-4,
        1e-4,
        `token ${length}`,
      );
      logits.dispose();
    }
    decoder.dispose();
    tf.dispose([inputs, states, twins, [...weights.values()], [...folded.values()]]);
    expect(tf.memory().numTensors).toBe(before);
  });
});
