/**
 * Options of adapters and optimizers, as a configuration may hold them. What accepts them has to work on the weights of
 * a model.
 */
import { createRandomStreams, PluginHost } from '@ligature/core';
import { plugin as adapters } from '@ligature/adapters';
import { createCausalLm } from '@ligature/tasks';
import {
  createAdamW,
  createObjective,
  headOf,
  plugin as trainer,
  tensorBatch,
  trainStep,
} from '@ligature/trainer';
import { createGpt2 } from '@ligature/transformer';
import { WeightRegistry } from '@ligature/weight-sharing';
import type { Adapter, Batch, Optimizer } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import '../backend.js';
import { jsonValue } from '../generate/json.js';
import { defineTarget, Violation } from '../target.js';

const model = createGpt2({ layers: 2, width: 2, heads: 1, context: 4, vocabularySize: 5 });
const head = headOf(model, { kind: 'causal-lm', outputs: 5 });
const ids = { shape: [1, 4], dtype: 'int32', data: Int32Array.of(0, 1, 2, 3) } as const;
const batch: Batch = { fields: { inputs: ids, labels: ids }, weight: 4 };

/** Weights that are not worth making for a case. */
const MOST_WEIGHTS = 10_000;

/** One step, and the loss before and after it. */
async function train(adapter: readonly Adapter[], optimizer: Optimizer): Promise<readonly number[]> {
  const objective = createObjective({ model, head, task: createCausalLm(), adapters: adapter });
  const size = objective.parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const { weightFlops } = objective.cost({ inputs: [1, 4], labels: [1, 4] });
  if (!Object.values(weightFlops).every((flops) => flops >= 0))
    throw new Violation('its products cost nothing');
  if (size > MOST_WEIGHTS) return [size];
  const before = tf.memory().numTensors;
  const registry = new WeightRegistry(objective, createRandomStreams(1));
  try {
    registry.initialize();
    const taken = await trainStep(objective, registry, [batch], 1e-3, { optimizer, clipNorm: 1 });
    const scores = tf.tidy(() => objective.score(registry.view(), tensorBatch(batch)).dataSync());
    return [taken.loss, ...scores];
  } finally {
    registry.dispose();
    if (tf.memory().numTensors !== before) throw new Violation('it kept tensors');
  }
}

const host = new PluginHost().register(adapters).register(trainer);

export const adapterOptions = defineTarget({
  name: 'adapter-options',
  reads: 'the options of every adapter, and trains with it',
  input: fc.tuple(
    fc.constantFrom(...host.names('adapters')),
    jsonValue([{}, { rank: 1, alpha: 2, targets: ['attn.*'] }, { rank: 2, targets: ['*'], train: 'all' }]),
  ),
  prepare:
    ([name, options]) =>
    async () =>
      train([await host.create('adapters', name, options, {})], createAdamW()),
});

export const optimizerOptions = defineTarget({
  name: 'optimizer-options',
  reads: 'the options of every optimizer, and takes a step with it',
  input: fc.tuple(
    fc.constantFrom(...host.names('optimizers')),
    jsonValue([{}, { weightDecay: 0.1, beta1: 0.9, beta2: 0.99 }, { momentum: 0.9, nesterov: true }]),
  ),
  prepare:
    ([name, options]) =>
    async () =>
      train([], await host.create('optimizers', name, options, {})),
});
