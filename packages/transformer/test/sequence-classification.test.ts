/** The head `sequence-classification` against Hugging Face's `GPT2ForSequenceClassification`, for three tie maps. */
import { readFileSync } from 'node:fs';
import type { TensorBatch } from '@ligature/core';
import { projectedCrossEntropy, projectedOutputs } from '@ligature/nn';
import { createGpt2 } from '@ligature/transformer';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BACKENDS } from '../../nn/test/support/backends.js';
import { expectClose } from '../../nn/test/support/close.js';
import { fixture, readTensors } from './support/golden.js';
import { lossAndGradients, trainableNames, viewOf } from './support/stack.js';

const folder = 'gpt2-sequence-classification';
const json = (name: string): unknown => JSON.parse(readFileSync(fixture(`${folder}/${name}`), 'utf8'));
const config = json('config.json') as Record<
  'n_layer' | 'n_embd' | 'n_head' | 'n_positions' | 'vocab_size' | 'layer_norm_epsilon',
  number
>;
const reference = json('reference.json') as {
  readonly tieMaps: Readonly<Record<string, number[]>>;
  readonly losses: Readonly<Record<string, number[]>>;
};
const weights = readTensors(`${folder}/model.safetensors`);
const expected = readTensors(`${folder}/reference.safetensors`);
const given = (name: string): readonly number[] => [...expected.get(name)!.data];

const model = createGpt2({
  layers: config.n_layer,
  width: config.n_embd,
  heads: config.n_head,
  context: config.n_positions,
  vocabularySize: config.vocab_size,
  layerNormEpsilon: config.layer_norm_epsilon,
});
const head = model.heads['sequence-classification']!(3);
const [sequences, time] = [3, 12];

/** Each way of saying which tokens are padding; the reference has 12, 8 and 11 that are not. */
const PADDINGS: Readonly<Record<string, () => TensorBatch>> = {
  lengths: () => ({ lengths: tf.tensor1d([12, 8, 11], 'int32') }),
  attention_mask: () => ({
    attention_mask: tf.tensor2d([...given('inputs.attention_mask')], [sequences, time], 'int32'),
  }),
};

it('has one weight of its own, of the name and shape of the file', () => {
  expect(head.outputs).toBe(3);
  expect(head.parameters.map(({ name, shape, sharing }) => [name, shape, sharing])).toEqual([
    ['score.weight', weights.get('score.weight')!.shape, 'global'],
  ]);
  expect(head.cost({ inputs: [sequences, time] }).weightFlops).toEqual({ 'score.weight': 2 * 3 * 32 * 3 });
});

describe.each(BACKENDS)('on %s', (backend) => {
  let before = 0;
  const tensors = new Map<string, tf.Tensor>();
  beforeAll(async () => {
    await tf.setBackend(backend);
    for (const [name, { data, shape }] of weights) tensors.set(name, tf.tensor(data, shape));
  });
  afterAll(() => tf.dispose([...tensors.values()]));
  beforeEach(() => (before = tf.memory().numTensors));
  afterEach(() => expect(tf.memory().numTensors).toBe(before));

  const cases = Object.entries(reference.tieMaps).flatMap(([name, tieMap]) =>
    Object.keys(PADDINGS).map((padding) => [name, padding, tieMap] as const),
  );
  it.each(cases)("has PyTorch's logits, loss and gradients: %s, padding by %s", (name, padding, tieMap) => {
    tf.tidy(() => {
      const batch: TensorBatch = {
        inputs: tf.tensor2d([...given('inputs.input_ids')], [sequences, time], 'int32'),
        ...PADDINGS[padding]!(),
      };
      const labels = tf.tensor1d([...given('labels.labels')], 'int32');
      const mode = { training: true };
      const view = viewOf(model, tieMap, tensors);
      const logits = projectedOutputs(head.project(view, model.encode(view, batch, mode), batch, mode));
      expect(logits.shape).toEqual([3, 3]);
      expectClose(logits.dataSync(), given(`logits.${name}`), 2e-4, 1e-3, 'logits');

      const names = trainableNames(model, tieMap, [...model.parameters, ...head.parameters]);
      const { loss, gradients } = lossAndGradients(model, tieMap, tensors, 'sum', names, (view) =>
        projectedCrossEntropy(head.project(view, model.encode(view, batch, mode), batch, mode), labels),
      );
      expect(Math.abs(loss - reference.losses[name]![0]!)).toBeLessThanOrEqual(5e-4);
      expect([...expected.keys()].filter((key) => key.startsWith(`grad.${name}.`))).toHaveLength(
        names.length,
      );
      for (const [key, gradient] of gradients)
        expectClose(gradient, given(`grad.${name}.${key}`), 2e-4, 1e-3, key);
    });
  });

  it('reads the last token of a mask, wherever padding stands, and the first of padding alone', () => {
    tf.tidy(() => {
      const inputs = tf.tensor2d([...given('inputs.input_ids')], [sequences, time], 'int32');
      const mask = Array.from({ length: 3 * 12 }, (_, at) => (at < 12 ? at % 2 : at < 24 && at > 15 ? 1 : 0));
      const batch = { inputs, attention_mask: tf.tensor2d(mask, [sequences, time], 'int32') };
      const mode = { training: false };
      const view = viewOf(model, reference.tieMaps['untied']!, tensors);
      const states = model.encode(view, batch, mode);
      const { features } = head.project(view, states, batch, mode);
      const read = tf.gather(states.rows, tf.tensor1d([11, 23, 24], 'int32'));
      expect([...features.dataSync()]).toEqual([...read.dataSync()]);
    });
  });

  it('reads the last position where nothing is padding', () => {
    tf.tidy(() => {
      const inputs = tf.tensor2d([...given('inputs.input_ids')], [sequences, time], 'int32');
      const mode = { training: false };
      const view = viewOf(model, reference.tieMaps['untied']!, tensors);
      const states = model.encode(view, { inputs }, mode);
      const { features } = head.project(view, states, { inputs }, mode);
      const last = tf.gather(states.rows, tf.tensor1d([11, 23, 35], 'int32'));
      expect([...features.dataSync()]).toEqual([...last.dataSync()]);
    });
  });
});
