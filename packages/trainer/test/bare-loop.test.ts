/**
 * The machinery costs nothing in truth: its losses are those of a loop that knows no bus, registry, container
 * or window.
 */
import '@tensorflow/tfjs-backend-cpu';
import { createRunContainer, runConfigSchema, TOKENS, type Batch, type ParameterView } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import {
  adamWOptionsSchema,
  createAdamW,
  tensorBatch,
  Trainer,
  TRAINER_TOKENS,
  trainStep,
} from '../src/index.js';
import {
  baseOptions,
  batchSource,
  createGpt2Objective,
  createRun,
  lossesOf,
  stepOptions,
} from './support.js';

const objective = createGpt2Objective({
  layers: 4,
  width: 16,
  heads: 2,
  context: 6,
  vocabularySize: 31,
  dropout: 0,
});
const STEPS = 12;
const options = { ...baseOptions, steps: STEPS, schedule: 'constant', warmup: 0 } as const;

/**
 * The bare loop, over plain tensors by name. Its AdamW folds the bias corrections in the order in which the
 * trainer's does (what it computes is checked against PyTorch elsewhere), so rounding is the same, and the losses
 * must be equal to the last bit.
 */
function bareLoop(
  start: ReadonlyMap<string, Tensor>,
  map: readonly number[],
  batches: readonly Batch[],
  rateOf: (uses: number) => number,
) {
  const { learningRate } = options;
  const { beta1, beta2, epsilon, weightDecay } = adamWOptionsSchema.parse({});
  const names = [...start.keys()];
  const rates = names.map((name) => {
    const layer = /^transformer\.h\.(\d+)\./.exec(name)?.[1];
    return rateOf(layer === undefined ? 1 : map.filter((source) => source === Number(layer)).length);
  });
  let weights = names.map((name) => tf.clone(start.get(name)!));
  let m = weights.map((weight) => tf.zerosLike(weight));
  let v = weights.map((weight) => tf.zerosLike(weight));
  const losses: number[] = [];
  batches.forEach((batch, index) => {
    const next = tf.tidy(() => {
      const lossOf = (...tensors: Tensor[]): Scalar => {
        const named = (name: string): Tensor => tensors[names.indexOf(name)]!;
        const view: ParameterView = {
          global: named,
          block: (layer, name) => named(`transformer.h.${map[layer]}.${name}`),
        };
        return objective.loss(view, tensorBatch(batch), { training: true });
      };
      const { value, grads } = tf.valueAndGrads(lossOf)(weights);
      losses.push(value.dataSync()[0]!);
      const squares = tf.stack(grads.map((gradient) => tf.sum(tf.square(gradient))));
      const clip = tf.minimum(tf.div(1, tf.add(tf.sqrt(tf.sum(squares)), 1e-6)), 1);
      const correction = Math.sqrt(1 - beta2 ** (index + 1));
      return weights.map((weight, place) => {
        const gradient = grads[place]!;
        const stepSize = (rates[place]! * correction) / (1 - beta1 ** (index + 1));
        const mean = tf.add(tf.mul(m[place]!, beta1), tf.mul(gradient, tf.mul(1 - beta1, clip)));
        const weighted = tf.mul(tf.square(gradient), tf.mul(1 - beta2, tf.square(clip)));
        const square = tf.add(tf.mul(v[place]!, beta2), weighted);
        const direction = tf.div(mean, tf.add(tf.sqrt(square), epsilon * correction));
        const kept = weight.rank >= 2 ? tf.mul(weight, 1 - learningRate * weightDecay) : weight;
        return [tf.sub(kept, tf.mul(direction, stepSize)), mean, square] as Tensor[];
      });
    });
    tf.dispose([weights, m, v]);
    [weights, m, v] = [0, 1, 2].map((part) => next.map((triple) => triple[part]!)) as [
      Tensor[],
      Tensor[],
      Tensor[],
    ];
  });
  tf.dispose([weights, m, v]);
  return losses;
}

describe.each([
  ['untied', [0, 1, 2, 3], 'inverse-sqrt'],
  ['tied, with plain steps', [0, 0, 2, 0], 'none'],
  ['tied', [0, 0, 2, 0], 'inverse-sqrt'],
] as const)('against a bare loop, %s', (_name, map, stepSize) => {
  const fresh = () => {
    const run = createRun(objective, options, { stepSize });
    run.registry.apply({ kind: 'map', tieMap: map });
    return run;
  };
  const batches = (() => {
    const { registry, streams } = fresh();
    const source = batchSource(streams, 4, 6, objective);
    registry.dispose();
    return Array.from({ length: STEPS }, () => source.next());
  })();
  const bare = (() => {
    const { registry } = fresh();
    const start = new Map(registry.binding().leaves.map((leaf) => [leaf.name, leaf.tensor]));
    const rate = options.learningRate;
    const losses = bareLoop(start, map, batches, (uses) =>
      stepSize === 'none' ? rate : rate * (1 / Math.sqrt(uses)),
    );
    registry.dispose();
    return losses;
  })();

  it('has equal losses with events, injection and controller switched off', async () => {
    const { registry } = fresh();
    const losses: number[] = [];
    for (const batch of batches) {
      losses.push((await trainStep(objective, registry, [batch], options.learningRate, stepOptions)).loss);
    }
    registry.dispose();
    expect(new Set(bare).size).toBe(STEPS);
    expect(losses).toEqual(bare);
  });

  it('has equal losses with the whole machinery on, listeners, handlers and container included', async () => {
    const { bus, registry, streams, events } = fresh();
    const source = batchSource(streams, 4, 6, objective);
    const container = createRunContainer();
    container.provide(TOKENS.bus, bus);
    container.provide(TOKENS.objective, objective);
    container.provide(TOKENS.optimizer, createAdamW());
    container.provide(TOKENS.config, runConfigSchema.parse({}));
    container.provide(TOKENS.ledger, () => registry.ledger(objective.cost(source.shape)));
    container.provide(TOKENS.registry, registry, () => registry.dispose());
    container.provide(TOKENS.trainingBatches, source);
    container.provide(TOKENS.streams, streams);
    container.provide(TOKENS.now, () => 0);
    container.provide(TRAINER_TOKENS.options, options);
    bus.handle({ type: '*', phase: 'record', name: 'slow', handle: () => new Promise(setImmediate) });
    await container.build(Trainer).run();
    await container.dispose();
    expect(lossesOf(events)).toEqual(bare);
  });
});
