/** What a tie costs, of real models: against models in which the blocks are one, and nothing left behind or changed. */
import '@tensorflow/tfjs-backend-cpu';
import { loadBinding } from '@ligature/backend-onnxruntime';
import {
  createRandomStreams,
  type BlockPair,
  type MeasurementOrder,
  type TieCosts,
  type TieMap,
} from '@ligature/core';
import { WeightRegistry, type SharingOptions, type WeightArray } from '@ligature/weight-sharing';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { measureBatches, Measuring, Stepper } from '../../src/index.js';
import { createGpt2Objective, randomBatch, stepOptions } from '../support.js';
import type { TokenObjective } from '../toy-model.js';

const LAYERS = 4;
const SIZES = { layers: LAYERS, width: 8, heads: 2, context: 6, vocabularySize: 11 };
const gpt2 = (): TokenObjective => createGpt2Objective({ ...SIZES, dropout: 0.2 });
const stream = createRandomStreams(4).stream('data-order');
const batches = Array.from({ length: 3 }, () => randomBatch(stream, 3, 6, 11));
const targets = batches.map(({ weight }) => weight);

type Weights = Map<string, WeightArray>;

/** Sampled weights, large enough for layers to matter, as numbers. */
function sampled(objective: TokenObjective): Weights {
  const source = new WeightRegistry(objective, createRandomStreams(3));
  source.initialize();
  const weights = new Map(
    [...source.exportWeights().tensors].map(([name, { shape, data }]) => [
      name,
      { shape, data: Float32Array.from(data as Float32Array, (value) => 8 * value) },
    ]),
  );
  source.dispose();
  return weights;
}

const blockNames = (objective: TokenObjective, component?: string): string[] =>
  objective.parameters
    .filter((spec) => spec.sharing === 'block' && (component === undefined || spec.component === component))
    .map(({ name }) => name);

function registryOf(objective: TokenObjective, weights: Weights, options: Partial<SharingOptions> = {}) {
  const registry = new WeightRegistry(objective, createRandomStreams(3), options);
  registry.initialize(undefined, weights);
  return registry;
}

/** Mean loss of an untied model with these weights: what knows nothing of ties. */
async function lossOf(objective: TokenObjective, weights: Weights): Promise<number> {
  const registry = registryOf(objective, weights);
  const { loss } = await measureBatches(objective, registry.view(), batches);
  registry.dispose();
  return loss;
}

/** The weights with parameters of some layers replaced. */
function replaced(
  objective: TokenObjective,
  weights: Weights,
  layers: readonly number[],
  names: readonly string[],
  by: (name: string) => WeightArray,
): Weights {
  const all: Weights = new Map(weights);
  for (const layer of layers)
    for (const name of names) all.set(objective.blockParameterName(layer, name), by(name));
  return all;
}

type TieCostOrder = Extract<MeasurementOrder, { measure: 'tie-cost' }>;
const order = (
  tieMap: TieMap,
  pairs: readonly BlockPair[],
  more: Partial<TieCostOrder> = {},
): TieCostOrder => ({
  ...{ measure: 'tie-cost', component: null, substitute: 'first', batches: 3, tieMap, pairs },
  ...more,
});

function measuringOf(objective: TokenObjective, registry: WeightRegistry): Measuring {
  return new Measuring({
    objective,
    registry,
    ledger: (shape) => registry.ledger(objective.cost(shape)),
    batches: (count) => batches.slice(0, count),
  });
}

async function measure(
  objective: TokenObjective,
  registry: WeightRegistry,
  wanted: TieCostOrder,
): Promise<TieCosts> {
  const measuring = measuringOf(objective, registry);
  const { measurement } = await measuring.measure(wanted);
  measuring.dispose();
  return measurement as TieCosts;
}

function hasOnnxRuntime(): boolean {
  try {
    loadBinding();
    return true;
  } catch (error) {
    console.warn(`not tested on onnxruntime: ${(error as Error).message}`);
    return false;
  }
}

const NEIGHBOURS = [0, 1, 2].map((first) => ({ first, second: first + 1 }));
const UNTIED = [0, 1, 2, 3];

describe.each(['cpu', ...(hasOnnxRuntime() ? ['onnxruntime'] : [])])('on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));
  afterAll(() => tf.setBackend('cpu'));

  it.each(['first', 'second', 'mean'] as const)(
    'is the loss of a model that was written with the %s block twice, minus the loss now',
    async (substitute) => {
      const objective = gpt2();
      const weights = sampled(objective);
      const registry = registryOf(objective, weights);
      const found = await measure(objective, registry, order(UNTIED, NEIGHBOURS, { substitute }));
      const now = await lossOf(objective, weights);
      expect(found.loss).toBeCloseTo(now, 5);
      for (const [at, { first, second }] of NEIGHBOURS.entries()) {
        const of = (layer: number, name: string) => weights.get(objective.blockParameterName(layer, name))!;
        const both = replaced(objective, weights, [first, second], blockNames(objective), (name) => {
          if (substitute !== 'mean') return of(substitute === 'first' ? first : second, name);
          const [one, other] = [of(first, name), of(second, name)];
          return { shape: one.shape, data: Float32Array.from(one.data, (x, i) => (x + other.data[i]!) / 2) };
        });
        const wanted = (await lossOf(objective, both)) - now;
        expect(Math.abs(wanted)).toBeGreaterThan(1e-4);
        expect(found.pairs[at]).toMatchObject({ first, second });
        expect(found.pairs[at]!.cost).toBeCloseTo(wanted, 4);
      }
      registry.dispose();
    },
  );

  it('best is the cheaper direction of each pair', async () => {
    const objective = gpt2();
    const registry = registryOf(objective, sampled(objective));
    const costs = async (substitute: TieCostOrder['substitute']): Promise<number[]> =>
      (await measure(objective, registry, order(UNTIED, NEIGHBOURS, { substitute }))).pairs.map(
        ({ cost }) => cost,
      );
    const [first, second, best] = [await costs('first'), await costs('second'), await costs('best')];
    expect(best).toEqual(first.map((cost, at) => Math.min(cost, second[at]!)));
    registry.dispose();
  });

  it('is what the registry then has: of blocks with several uses, and of one component alone', async () => {
    const objective = gpt2();
    const registry = registryOf(objective, sampled(objective));
    registry.apply({ kind: 'map', tieMap: [0, 0, 2, 2] });
    const pair = [{ first: 0, second: 2 }];
    const whole = await measure(objective, registry, order([0, 0, 2, 2], pair));
    const mlp = await measure(objective, registry, order([0, 0, 2, 2], pair, { component: 'mlp' }));
    const loss = async (): Promise<number> =>
      (await measureBatches(objective, registry.view(), batches)).loss;
    const now = await loss();
    registry.apply({ kind: 'map', tieMap: [0, 0, 0, 0], component: 'mlp' });
    expect(mlp.pairs[0]!.cost).toBeCloseTo((await loss()) - now, 4);
    registry.apply({ kind: 'map', tieMap: [0, 0, 0, 0] });
    expect(whole.pairs[0]!.cost).toBeCloseTo((await loss()) - now, 4);
    expect(whole.pairs[0]!.cost).not.toBe(mlp.pairs[0]!.cost);
    registry.dispose();
  });

  it('leaves what is not tied as it is', async () => {
    const objective = gpt2();
    const weights = sampled(objective);
    const registry = registryOf(objective, weights, { components: ['attention'] });
    const found = await measure(objective, registry, order(UNTIED, [{ first: 1, second: 2 }]));
    const names = blockNames(objective, 'attention');
    const both = replaced(objective, weights, [2], names, (name) =>
      weights.get(objective.blockParameterName(1, name))!,
    );
    const wanted = (await lossOf(objective, both)) - (await lossOf(objective, weights));
    expect(found.pairs[0]!.cost).toBeCloseTo(wanted, 4);
    registry.dispose();
  });

  it('of two layers that are equal is nothing at all', async () => {
    const objective = gpt2();
    const weights = sampled(objective);
    const twins = replaced(objective, weights, [2], blockNames(objective), (name) =>
      weights.get(objective.blockParameterName(1, name))!,
    );
    const registry = registryOf(objective, twins);
    const { pairs } = await measure(objective, registry, order(UNTIED, NEIGHBOURS, { substitute: 'mean' }));
    expect(pairs.map(({ cost }) => cost === 0)).toEqual([false, true, false]);
    registry.dispose();
  });

  it('is the same again, leaves no tensor and no weight changed, and traces once for all maps', async () => {
    const objective = gpt2();
    const registry = registryOf(objective, sampled(objective));
    const weights = registry.exportWeights();
    const measuring = measuringOf(objective, registry);
    const asked = order(UNTIED, NEIGHBOURS, { substitute: 'mean' });
    const first = await measuring.measure(asked);
    const tensors = tf.memory().numTensors;
    expect(await measuring.measure(asked)).toEqual(first);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(registry.exportWeights()).toEqual(weights);
    registry.apply({ kind: 'map', tieMap: [0, 0, 2, 3] });
    await measuring.measure(order([0, 0, 2, 3], [{ first: 0, second: 2 }]));
    if (backend === 'onnxruntime') expect(measuring.statistics).toMatchObject({ traces: 1, replays: 30 });
    else expect(measuring.statistics).toBeUndefined();
    measuring.dispose();
    registry.dispose();
    expect(tf.memory().numTensors).toBeLessThan(tensors);
  });

  it('shows a running trainer nothing: weights and losses are those of a run without it, to the bit', async () => {
    const run = async (measures: boolean) => {
      const objective = createGpt2Objective(SIZES);
      const registry = registryOf(objective, sampled(objective));
      const stepper = new Stepper(objective, registry, stepOptions);
      const measuring = measuringOf(objective, registry);
      const losses: number[] = [];
      for (let step = 0; step < 4; step += 1) {
        losses.push((await stepper.step([batches[0]!], 0.01)).loss);
        if (measures) await measuring.measure(order(UNTIED, NEIGHBOURS));
      }
      const { traces, replays } = stepper.statistics ?? {};
      const weights = registry.exportWeights();
      stepper.dispose();
      measuring.dispose();
      registry.dispose();
      return { losses, traces, replays, weights };
    };
    expect(await run(true)).toEqual(await run(false));
  });
});

describe('what it takes', () => {
  it('is counted by the ledger: a forward pass is a third of a step of the same tokens', async () => {
    const objective = gpt2();
    const registry = registryOf(objective, sampled(objective));
    const measuring = measuringOf(objective, registry);
    const { flops } = registry.ledger(objective.cost({ inputs: [3, 6], labels: [3, 6] }));
    expect(flops.step).toBe(3 * flops.forward);
    const [one = 0, two = 0, three = 0] = targets;
    const costs = async (wanted: MeasurementOrder) => (await measuring.measure(wanted)).cost;
    // The loss now, and one for each pair; of the best of two directions two.
    expect(await costs(order(UNTIED, NEIGHBOURS))).toEqual({
      tokens: Math.round((4 * (one + two + three)) / 3),
      flops: 4 * 3 * flops.forward,
    });
    expect(await costs(order(UNTIED, NEIGHBOURS, { substitute: 'best', batches: 2 }))).toEqual({
      tokens: Math.round((7 * (one + two)) / 3),
      flops: 7 * 2 * flops.forward,
    });
    expect(await costs({ measure: 'gradient-cosine' })).toEqual({ tokens: one, flops: flops.step });
    expect(await costs({ measure: 'hidden-cka' })).toEqual({
      tokens: Math.round(one / 3),
      flops: flops.forward,
    });
    expect(await costs({ measure: 'weight-cosine' })).toEqual({ tokens: 0, flops: 0 });
    measuring.dispose();
    registry.dispose();
  });

  it('refuses losses that are no numbers', async () => {
    const objective = gpt2();
    const weights = sampled(objective);
    const name = objective.blockParameterName(1, 'mlp.c_fc.weight');
    const { shape, data } = weights.get(name)!;
    const broken = new Map(weights).set(name, { shape, data: Float32Array.from(data, () => Number.NaN) });
    const registry = registryOf(objective, broken);
    await expect(measure(objective, registry, order(UNTIED, NEIGHBOURS))).rejects.toMatchObject({
      code: 'measurement-not-finite',
    });
    registry.dispose();
  });
});
