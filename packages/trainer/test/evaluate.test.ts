import '@tensorflow/tfjs-backend-cpu';
import {
  createRandomStreams,
  runConfigSchema,
  type BatchScore,
  type EvaluationFold,
  type Metrics,
  type Model,
  type ParameterView,
} from '@ligature/core';
import { WeightRegistry } from '@ligature/weight-sharing';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor3D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import {
  createEvaluation,
  evaluateSet,
  meanLoss,
  scoreBatch,
  trainerOptions,
  type EvaluationProgress,
} from '../src/index.js';
import { createToyModel } from './toy-model.js';

/** A model of three tokens whose logits are those in the `table` row of the input token. */
const lookup = (table: number[][]): Model => ({
  ...createToyModel({ layers: 1, width: 1, vocabularySize: 3 }),
  logits: (_view, inputs) => tf.gather(tf.tensor2d(table), inputs) as unknown as Tensor3D,
});
const noView = {} as ParameterView;

const fold = (): EvaluationFold & { scores: BatchScore[] } => {
  const scores: BatchScore[] = [];
  return {
    scores,
    add: (score) => void scores.push(score),
    finish: ({ tokens, bytes }): Metrics => ({
      nats: scores.reduce((sum, { nats }) => sum + nats, 0) / tokens,
      bytes,
    }),
  };
};

describe('scoring', () => {
  it('sums hand-computed cross-entropies and counts the labels that were most likely', async () => {
    // Probabilities (1/2, 1/4, 1/4), (1/8, 3/4, 1/8) and (1/3, 1/3, 1/3), up to a constant.
    const model = lookup([
      [Math.log(2), 0, 0],
      [5, 5 + Math.log(6), 5],
      [-7, -7, -7],
    ]);
    const batch = {
      inputs: Int32Array.of(0, 0, 1, 1),
      labels: Int32Array.of(0, 2, 1, 0),
      batch: 2,
      context: 2,
    };
    const score = await scoreBatch(model, noView, batch);
    expect(score.nats).toBeCloseTo(Math.log(2) + Math.log(4) + Math.log(4 / 3) + Math.log(8), 5);
    expect(score).toMatchObject({ tokens: 4, correct: 2 });
  });

  it('does not overflow on logits of a thousand', async () => {
    const model = lookup([[1000, 0, 0]]);
    const batch = { inputs: Int32Array.of(0, 0), labels: Int32Array.of(0, 1), batch: 1, context: 2 };
    expect((await scoreBatch(model, noView, batch)).nats).toBeCloseTo(1000, 3);
  });

  it('weighs a short last batch by its tokens and leaks nothing', async () => {
    const model = createToyModel({ layers: 1, width: 4, vocabularySize: 5 });
    const weights = new Map(
      model.parameters.map((spec) => [
        spec.name,
        tf.randomNormal([...spec.shape], 0, 1, 'float32', 3) as tf.Tensor,
      ]),
    );
    const get = (name: string): tf.Tensor => weights.get(name) as tf.Tensor;
    const view: ParameterView = { global: get, block: (_layer, name) => get(name) };
    const full = {
      inputs: Int32Array.of(0, 1, 2, 3, 4, 0),
      labels: Int32Array.of(1, 2, 3, 4, 0, 1),
      batch: 3,
      context: 2,
    };
    const rest = { inputs: Int32Array.of(2, 2), labels: Int32Array.of(0, 4), batch: 1, context: 2 };
    const before = tf.memory().numTensors;
    const set = { scope: { split: 'test', tokens: 8, bytes: 21 }, batches: [full, rest] } as const;
    const metrics = await evaluateSet(model, view, set, [fold()]);
    const loss = await meanLoss(model, view, set.batches);
    expect(tf.memory().numTensors).toBe(before);

    const [a, b] = [await scoreBatch(model, view, full), await scoreBatch(model, view, rest)];
    expect(metrics['nats']).toBeCloseTo((a.nats + b.nats) / 8, 10);
    expect(metrics['bytes']).toBe(21);
    expect(loss).toBeCloseTo(metrics['nats'] as number, 10);
    // The training loss is another computation of the same number.
    const losses = [full, rest].map(({ inputs, labels, batch, context }) =>
      tf.tidy(() => {
        const ids = (values: Int32Array): tf.Tensor2D => tf.tensor2d(values, [batch, context], 'int32');
        return model.loss(view, ids(inputs), ids(labels), { training: false }).dataSync()[0]!;
      }),
    );
    expect(loss).toBeCloseTo((6 * losses[0]! + 2 * losses[1]!) / 8, 5);
    expect(Math.abs(loss - (a.nats / 6 + b.nats / 2) / 2)).toBeGreaterThan(1e-3);
  });

  it('takes the scores of a model that has its own, and frees them', async () => {
    const model: Model = {
      ...lookup([[0, 0, 0]]),
      logits: () => {
        throw new Error('not needed');
      },
      scores: (_view, inputs, labels) => {
        expect([inputs.shape, labels.dtype]).toEqual([[2, 2], 'int32']);
        return tf.tensor2d([
          [0.5, 1, 2, 4],
          [1, 0, 1, 1],
        ]);
      },
    };
    const zeros = Int32Array.of(0, 0, 0, 0);
    const before = tf.memory().numTensors;
    const batch = { inputs: zeros, labels: zeros, batch: 2, context: 2 };
    expect(await scoreBatch(model, noView, batch)).toEqual({ nats: 7.5, tokens: 4, correct: 3 });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('says how far it is, before the first batch and after each', async () => {
    const one = { inputs: Int32Array.of(0), labels: Int32Array.of(0), batch: 1, context: 1 };
    const set = { scope: { split: 'test', tokens: 2, bytes: 2 }, batches: [one, one] } as const;
    const told: EvaluationProgress[] = [];
    await evaluateSet(lookup([[0, 0, 0]]), noView, set, [fold()], (progress) => told.push(progress));
    expect(told).toEqual([0, 1, 2].map((done) => ({ split: 'test', done, total: 2 })));
  });

  it('refuses a set without batches', async () => {
    const set = { scope: { split: 'test', tokens: 0, bytes: 0 }, batches: [] } as const;
    await expect(evaluateSet(lookup([[0, 0, 0]]), noView, set, [])).rejects.toMatchObject({
      code: 'evaluation-empty',
    });
  });
});

describe('createEvaluation', () => {
  const model = createToyModel({ layers: 2, width: 4, vocabularySize: 5 });
  const batch = { inputs: Int32Array.of(0, 1), labels: Int32Array.of(1, 2), batch: 1, context: 2 };
  const sets = {
    validation: { scope: { split: 'validation', tokens: 2, bytes: 2 }, batches: [batch] },
  } as const;

  it('measures the weights as they are at each call, with a fresh fold for each pass', async () => {
    const registry = new WeightRegistry(model, createRandomStreams(1));
    registry.initialize();
    const listening = { name: 'only-listens' };
    const evaluate = createEvaluation(model, registry, sets, [listening, { name: 'nats', begin: fold }]);
    const untied = await evaluate('validation', 0);
    expect(await evaluate('validation', 0)).toEqual(untied);
    expect(untied['nats']).toBeCloseTo(await meanLoss(model, registry.view(), [batch]), 5);
    registry.tie(1, 0);
    expect((await evaluate('validation', 1))['nats']).not.toBeCloseTo(untied['nats'] as number, 5);
    await expect(evaluate('test', 1)).rejects.toMatchObject({ code: 'evaluation-split-missing' });
    registry.dispose();
  });
});

describe('trainerOptions', () => {
  it('takes its part of a configuration', () => {
    const config = runConfigSchema.parse({
      seed: 4,
      controller: 'cycle',
      tying: { window: 5 },
      training: { steps: 12, accumulation: 2 },
      evaluation: { every: 6 },
    });
    const options = trainerOptions(config);
    expect(options).toMatchObject({ seed: 4, controller: 'cycle', window: 5, evaluateEvery: 6 });
    expect(options).toMatchObject({ steps: 12, accumulation: 2, decay: 'matrices', clip: 1 });
    expect(options).not.toHaveProperty('signal');
  });
});
