/** What BERT and its heads say that they cost: a hand count, and the bytes that a real tape holds. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { HeadKind, Projection } from '@ligature/core';
import { projectedCrossEntropy, projectedSpanCrossEntropy } from '@ligature/nn';
import { createBert } from '@ligature/transformer';
import { beforeEach, describe, expect, it } from 'vitest';
import { heldBytes } from '../support/held-bytes.js';
import { EVALUATING, randomWeights, wholeOf } from '../support/whole.js';

const tiny = { width: 8, heads: 2, context: 6, intermediateSize: 20, vocabularySize: 11 };
const { width, intermediateSize: inner } = tiny;
const vocabulary = tiny.vocabularySize;

beforeEach(() => tf.setBackend('cpu'));

it('counts what a hand count of bert-base gives', () => {
  const options = { layers: 12, width: 768, heads: 12, context: 512, vocabularySize: 30_522 };
  const model = createBert(options);
  const shape = { inputs: [4, 128] };
  const cost = model.cost(shape);
  // 512 tokens; 12 d² = 7 077 888 weights in a layer's matrices, two operations each.
  const layer = Object.values(cost.weightFlops).reduce((sum, one) => sum + one, 0);
  expect(layer).toBe(2 * 512 * 7_077_888);
  // Scores and mixing: 48 heads of 128 x 128 x 64.
  expect(cost.layerActivationFlops).toBe(2 * (2 * 48 * 128 * 128 * 64));
  const flops = (kind: HeadKind, outputs: number): number =>
    Object.values(model.heads[kind]!(outputs).cost(shape).weightFlops).reduce((sum, one) => sum + one, 0);
  expect(flops('masked-lm', 30_522)).toBe(2 * 512 * 768 * (768 + 30_522));
  expect(flops('sequence-classification', 3)).toBe(2 * 4 * 768 * (768 + 3));
  expect(flops('token-span', 2)).toBe(2 * 512 * 768 * 2);
});

interface Case {
  readonly outputs: number;
  readonly labels: (batch: number, time: number) => tf.Tensor1D;
  readonly loss: (projection: Projection, labels: tf.Tensor1D) => tf.Scalar;
  /** Weights of products and gains that tfjs holds by a second handle. */
  readonly weights: number;
  /** Numbers for each sequence that it holds by a second handle. */
  readonly again?: number;
}

const language: Case = {
  outputs: vocabulary,
  labels: (batch, time) => tf.zeros([batch * time], 'int32'),
  loss: projectedCrossEntropy,
  weights: width * width + width + vocabulary * width,
};

const CASES: Readonly<Record<string, Case>> = {
  'masked-lm': { ...language, loss: (...given) => projectedCrossEntropy(...given, { ignoreNegative: true }) },
  'causal-lm': language,
  'sequence-classification': {
    outputs: 3,
    labels: (batch) => tf.zeros([batch], 'int32'),
    loss: projectedCrossEntropy,
    weights: width * width + 3 * width,
    again: width, // the output of the pooler, kept as the input of a product as well
  },
  'token-span': {
    outputs: 2,
    labels: (batch) => tf.zeros([batch], 'int32'),
    loss: (projection, labels) => projectedSpanCrossEntropy(projection, labels, labels),
    weights: 2 * width,
  },
};

describe.each(['gelu', 'gelu_new'] as const)('with %s', (activation) => {
  it.each(
    Object.keys(CASES).flatMap((kind) => [
      [kind, 2, 5],
      [kind, 3, 6],
    ]) as [HeadKind, number, number][],
  )('%s knows the bytes that a tape of batch %i and time %i holds', (kind, batch, time) => {
    const { outputs, labels: makeLabels, loss, weights: headWeights, again: headAgain = 0 } = CASES[kind]!;
    const options = { ...tiny, activation, decoder: kind === 'causal-lm' };
    const held = (layers: number): number => {
      const whole = wholeOf(createBert({ ...options, layers }), kind, outputs);
      const weights = randomWeights(whole, 1);
      const ids = (of: number): tf.Tensor => tf.fill([batch, time], of, 'int32');
      const fields = { inputs: ids(3), token_type_ids: ids(1), attention_mask: ids(1) };
      const labels = makeLabels(batch, time);
      const bytes = heldBytes(whole, weights, (view) => {
        const states = whole.model.encode(view, fields, EVALUATING);
        return loss(whole.head.project(view, states, fields, EVALUATING), labels);
      });
      tf.dispose([...weights.values(), labels, fields]);
      return bytes;
    };
    const { model, head } = wholeOf(createBert({ ...options, layers: 2 }), kind, outputs);
    const shape = { inputs: [batch, time] };
    const [cost, headCost] = [model.cost(shape), head.cost(shape)];
    const rows = batch * time;
    // tfjs counts every handle, also a second one on the same values. Second handles in a layer: the weights of the six
    // products and the two gains; its input for each of three products, the attention output, and the output of the tanh
    // GELU, each kept as the input of a product as well.
    const again = activation === 'gelu_new' ? rows * inner : 0;
    const layerHandles = 4 * (4 * width ** 2 + 2 * width * inner + 2 * width + 3 * rows * width + again);
    expect(held(3) - held(2)).toBe(cost.layerActivationBytes + layerHandles);
    const outside = held(2) - 2 * (cost.layerActivationBytes + layerHandles);
    expect(outside).toBe(
      cost.globalActivationBytes +
        headCost.activationBytes +
        4 * (width + headWeights + batch * headAgain) +
        4,
    );
  });
});
