import '@tensorflow/tfjs-backend-cpu';
import {
  createRandomStreams,
  type Batch,
  type BatchScores,
  type EvaluationSet,
  type Metric,
  type Objective,
  type ParameterView,
} from '@ligature/core';
import { accuracy, createCausalLm, meanMetric } from '@ligature/tasks';
import { WeightRegistry } from '@ligature/weight-sharing';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import {
  createEvaluation,
  evaluateSet,
  measureBatches,
  scoreBatch,
  tensorBatch,
  type EvaluationProgress,
} from '../src/index.js';
import { tokenBatch } from './support.js';
import { createToyObjective } from './toy-model.js';

/** An objective over three tokens whose logits are those in the `table` row of the input token; missing rows are flat. */
const lookup = (table: number[][]): Objective => ({
  ...createToyObjective({ layers: 1, width: 1, vocabularySize: 3 }),
  score: (_view, batch) =>
    tf.tidy(() => {
      const rows = tf.oneHot(tf.reshape(batch['inputs']!, [-1]) as Tensor1D, 3);
      const logits = [0, 1, 2].map((token) => table[token] ?? [0, 0, 0]);
      // [targets, tokens] [outputs, tokens]ᵀ
      const features = tf.cast(rows, 'float32') as Tensor2D;
      return createCausalLm().score({ features, weight: tf.transpose(tf.tensor2d(logits)) }, batch);
    }),
});
const noView = {} as ParameterView;

const nats = meanMetric({ name: 'nats', unit: 'nats', better: 'lower' }, 'nats');
const bytes: Metric = {
  ...{ name: 'bytes', unit: '', better: 'lower' },
  fold: () => ({ add: () => undefined, finish: (scope) => scope.bytes }),
};
const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);
const natsOf = ({ columns }: BatchScores): number => sum(columns['nats']!);

const setOf = (batches: readonly Batch[], more: { weight?: number; bytes?: number } = {}): EvaluationSet => ({
  scope: { split: 'test', weight: sum(batches.map(({ weight }) => weight)), ...more },
  batches,
});

/** A toy's weights and a view of them. */
function toyView() {
  const objective = createToyObjective({ layers: 1, width: 4, vocabularySize: 5 });
  const weights = new Map(
    objective.parameters.map(({ name, shape }) => [
      name,
      tf.randomNormal([...shape], 0, 1, 'float32', 3) as tf.Tensor,
    ]),
  );
  const get = (name: string): tf.Tensor => weights.get(name) as tf.Tensor;
  const view: ParameterView = { global: get, block: (_layer, name) => get(name) };
  return { objective, view, dispose: () => tf.dispose([...weights.values()]) };
}

describe('scoring', () => {
  it('sums hand-computed cross-entropies and counts the labels that were most likely', async () => {
    // Probabilities (1/2, 1/4, 1/4), (1/8, 3/4, 1/8) and (1/3, 1/3, 1/3), up to a constant.
    const objective = lookup([
      [Math.log(2), 0, 0],
      [5, 5 + Math.log(6), 5],
      [-7, -7, -7],
    ]);
    const score = await scoreBatch(objective, noView, tokenBatch([0, 0, 1, 1], [0, 2, 1, 0], 2));
    expect(natsOf(score)).toBeCloseTo(Math.log(2) + Math.log(4) + Math.log(4 / 3) + Math.log(8), 5);
    expect(score.weight).toBe(4);
    expect([...score.columns['correct']!]).toEqual([1, 0, 1, 0]);
  });

  it('does not overflow on logits of a thousand', async () => {
    const objective = lookup([[1000, 0, 0]]);
    expect(natsOf(await scoreBatch(objective, noView, tokenBatch([0, 0], [0, 1], 1)))).toBeCloseTo(1000, 3);
  });

  it('weighs a short last batch by its targets and leaks nothing', async () => {
    const { objective, view, dispose } = toyView();
    const full = tokenBatch([0, 1, 2, 3, 4, 0], [1, 2, 3, 4, 0, 1], 3);
    const rest = tokenBatch([2, 2], [0, 4], 1);
    const before = tf.memory().numTensors;
    const set = setOf([full, rest], { bytes: 21 });
    const metrics = await evaluateSet(objective, view, set, [nats, bytes]);
    const { loss } = await measureBatches(objective, view, set.batches);
    expect(tf.memory().numTensors).toBe(before);

    const [a, b] = [await scoreBatch(objective, view, full), await scoreBatch(objective, view, rest)];
    expect(metrics['nats']).toBeCloseTo((natsOf(a) + natsOf(b)) / 8, 10);
    expect(metrics['bytes']).toBe(21);
    expect(loss).toBeCloseTo(metrics['nats'] as number, 10);
    // The training loss is another computation of the same number.
    const losses = [full, rest].map((batch) =>
      tf.tidy(() => objective.loss(view, tensorBatch(batch), { training: false }).dataSync()[0]!),
    );
    expect(loss).toBeCloseTo((6 * losses[0]! + 2 * losses[1]!) / 8, 5);
    expect(Math.abs(loss - (natsOf(a) / 6 + natsOf(b) / 2) / 2)).toBeGreaterThan(1e-3);
    dispose();
  });

  it('weighs batches of one shape by the targets that count in them', async () => {
    const { objective, view, dispose } = toyView();
    // Six positions each, of which one and five count.
    const few = tokenBatch([0, 1, 2, 3, 4, 0], [-1, -1, 3, -1, -1, -1], 2);
    const many = tokenBatch([0, 1, 2, 3, 4, 0], [1, 2, 0, 4, 0, -1], 2);
    const [a, b] = [await scoreBatch(objective, view, few), await scoreBatch(objective, view, many)];
    expect([a.weight, b.weight]).toEqual([1, 5]);
    // What does not count is zero in every row.
    expect([...a.columns['nats']!].filter((value) => value !== 0)).toHaveLength(1);
    expect(sum(b.columns['correct']!)).toBeLessThanOrEqual(5);

    const measured = await evaluateSet(objective, view, setOf([few, many]), [nats, accuracy()]);
    expect(measured['nats']).toBeCloseTo((natsOf(a) + natsOf(b)) / 6, 10);
    const hits = sum(a.columns['correct']!) + sum(b.columns['correct']!);
    expect(measured['accuracy']).toBeCloseTo(hits / 6, 10);
    const probe = await measureBatches(objective, view, [few, many], [nats]);
    expect(probe.loss).toBeCloseTo(measured['nats'] as number, 10);
    expect(probe.metrics['nats']).toBeCloseTo(measured['nats'] as number, 10);
    // As if every position counted, or every batch alike, would be other numbers.
    expect(Math.abs(probe.loss - (natsOf(a) + natsOf(b)) / 12)).toBeGreaterThan(1e-3);
    expect(Math.abs(probe.loss - (natsOf(a) + natsOf(b) / 5) / 2)).toBeGreaterThan(1e-3);
    dispose();
  });

  it("takes the objective's scores by their names, and frees them", async () => {
    const objective: Objective = {
      ...lookup([[0, 0, 0]]),
      scores: ['miss', 'hit'],
      score: (_view, { inputs, labels }) => {
        expect([inputs!.shape, labels!.dtype]).toEqual([[2, 2], 'int32']);
        return tf.tensor2d([
          [0.5, 1, 2, 4],
          [1, 0, 1, 1],
        ]);
      },
    };
    const zeros = [0, 0, 0, 0];
    const before = tf.memory().numTensors;
    expect(await scoreBatch(objective, noView, tokenBatch(zeros, zeros, 2))).toEqual({
      weight: 4,
      columns: { miss: Float32Array.of(0.5, 1, 2, 4), hit: Float32Array.of(1, 0, 1, 1) },
    });
    // The first one is the loss, whatever its name.
    expect((await measureBatches(objective, noView, [tokenBatch(zeros, zeros, 2)])).loss).toBe(7.5 / 4);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('lets the later of two metrics of one name win, and leaves out what a pass cannot say', async () => {
    const one = tokenBatch([0], [0], 1);
    const constant = (value: number): Metric => ({
      ...{ name: 'own', unit: '', better: 'higher' },
      fold: () => ({ add: () => undefined, finish: () => value }),
    });
    const metrics = await evaluateSet(lookup([[0, 0, 0]]), noView, setOf([one]), [
      constant(1),
      bytes,
      constant(2),
    ]);
    expect(metrics).toEqual({ own: 2 });
  });

  it('says how far it is, before the first batch and after each', async () => {
    const one = tokenBatch([0], [0], 1);
    const told: EvaluationProgress[] = [];
    const set = setOf([one, one]);
    await evaluateSet(lookup([[0, 0, 0]]), noView, set, [nats], (progress) => told.push(progress));
    expect(told).toEqual([0, 1, 2].map((done) => ({ split: 'test', done, total: 2 })));
  });

  it('refuses a set without batches', async () => {
    const objective = lookup([[0, 0, 0]]);
    await expect(evaluateSet(objective, noView, setOf([]), [])).rejects.toMatchObject({
      code: 'evaluation-empty',
    });
    await expect(measureBatches(objective, noView, [])).rejects.toMatchObject({ code: 'evaluation-empty' });
  });

  it('refuses a set whose batches do not weigh what its scope says', async () => {
    const one = tokenBatch([0, 0], [0, 1], 1);
    await expect(
      evaluateSet(lookup([[0, 0, 0]]), noView, setOf([one], { weight: 3 }), [nats]),
    ).rejects.toMatchObject({
      name: 'ContractError',
      code: 'evaluation-incomplete',
      message: expect.stringMatching(/2 targets were scored and the pass covers 3/) as string,
    });
  });
});

describe('createEvaluation', () => {
  const objective = createToyObjective({ layers: 2, width: 4, vocabularySize: 5 });
  const batch = tokenBatch([0, 1], [1, 2], 1);
  const longer = tokenBatch([0, 1, 3, 4], [1, 2, 0, 0], 2);
  const full = { validation: { ...setOf([batch]), scope: { split: 'validation', weight: 2 } } } as const;

  it('measures the weights as they are at each call, with a fresh fold for each pass', async () => {
    const registry = new WeightRegistry(objective, createRandomStreams(1));
    registry.initialize();
    const evaluate = createEvaluation(objective, registry, { full }, [nats]);
    const measured = async (): Promise<number> => (await evaluate('validation', false))!.metrics['nats']!;
    const untied = await measured();
    expect(await measured()).toBe(untied);
    const { loss } = await measureBatches(objective, registry.view(), [batch]);
    expect(untied).toBeCloseTo(loss, 5);
    registry.tie(1, 0);
    expect(await measured()).not.toBeCloseTo(untied, 5);
    await expect(evaluate('test', true)).rejects.toMatchObject({
      code: 'evaluation-split-missing',
      message: expect.stringContaining('only validation was prepared') as string,
    });
    registry.dispose();
  });

  it('measures on the quick set on the way and on the full one at the end', async () => {
    const registry = new WeightRegistry(objective, createRandomStreams(1));
    registry.initialize();
    const sets = { full: { validation: setOf([longer]), test: setOf([longer]) }, quick: full };
    const evaluate = createEvaluation(objective, registry, sets, [nats]);
    const of = async (one: Batch): Promise<number> =>
      (await measureBatches(objective, registry.view(), [one])).loss;
    const [short, long] = [await of(batch), await of(longer)];
    expect(Math.abs(short - long)).toBeGreaterThan(1e-3);
    expect((await evaluate('validation', false))!.metrics['nats']).toBeCloseTo(short, 10);
    expect((await evaluate('validation', true))!.metrics['nats']).toBeCloseTo(long, 10);
    // A split without a quick set.
    expect((await evaluate('test', false))!.metrics['nats']).toBeCloseTo(long, 10);
    registry.dispose();
  });

  it('says of how many batches it took some, at the end alone, and ends with its signal between two of them', async () => {
    const registry = new WeightRegistry(objective, createRandomStreams(1));
    registry.initialize();
    const two = setOf([batch, longer]);
    const sets = { full: { test: two }, batches: { test: 7 } };
    const abort = new AbortController();
    let told = 0;
    const evaluate = createEvaluation(objective, registry, sets, [nats], () => (told += 1));
    expect((await evaluate('test', true))?.subset).toEqual({ batches: 2, of: 7 });
    const beside = createEvaluation(objective, registry, { ...sets, apart: { test: 5 } }, [nats]);
    expect((await beside('test', true))?.subset).toEqual({ batches: 2, of: 7, apart: 5 });
    expect(await evaluate('test', false)).not.toHaveProperty('subset');
    const whole = createEvaluation(objective, registry, { full: { test: two } }, [nats]);
    expect(await whole('test', true)).not.toHaveProperty('subset');
    told = 0;
    abort.abort();
    expect(await evaluate('test', true, abort.signal)).toBeUndefined();
    // Before the first batch and after it.
    expect(told).toBe(2);
    // With nothing left to do there is nothing to end.
    const one = createEvaluation(objective, registry, { full: { test: setOf([batch]) } }, [nats]);
    expect((await one('test', true, abort.signal))?.metrics).toHaveProperty('nats');
    registry.dispose();
  });
});
