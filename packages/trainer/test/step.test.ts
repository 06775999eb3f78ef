import '@tensorflow/tfjs-backend-cpu';
import { createRandomStreams, type Batch } from '@ligature/core';
import { WeightRegistry, type SharingOptions } from '@ligature/weight-sharing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { trainStep, type StepOptions } from '../src/index.js';
import { randomBatch, stepOptions as options, tokenBatch } from './support.js';
import { createToyObjective } from './toy-model.js';

const objective = createToyObjective({ layers: 4, width: 5, vocabularySize: 7 });
const TIED = [0, 0, 2, 0];

function registryOf(sharing: Partial<SharingOptions> = {}, map?: number[]): WeightRegistry {
  const registry = new WeightRegistry(objective, createRandomStreams(3), sharing);
  registry.initialize(map);
  return registry;
}

function batchesOf(count: number, rows = 2): Batch[] {
  const stream = createRandomStreams(8).stream('data-order');
  return Array.from({ length: count }, () => randomBatch(stream, rows, 3, objective.vocabularySize));
}

/** Runs one step per list of micro-batches, and returns losses, norms and final weights. */
async function train(registry: WeightRegistry, steps: Batch[][], step: StepOptions = options) {
  const results = [];
  for (const batches of steps) results.push(await trainStep(objective, registry, batches, 0.02, step));
  const weights = registry.exportWeights().tensors;
  registry.dispose();
  return { results, weights };
}

function joined(batches: Batch[]): Batch {
  const ids = (name: string): number[] => batches.flatMap(({ fields }) => [...fields[name]!.data]);
  return tokenBatch(ids('inputs'), ids('labels'), ids('inputs').length / 3);
}

/** The largest difference between two sets of weights with the same names. */
function deviation(a: Awaited<ReturnType<typeof train>>, b: Awaited<ReturnType<typeof train>>): number {
  expect([...a.weights.keys()]).toEqual([...b.weights.keys()]);
  let largest = 0;
  for (const [name, { data }] of a.weights) {
    const other = b.weights.get(name)?.data as Float32Array;
    for (let place = 0; place < data.length; place += 1) {
      largest = Math.max(largest, Math.abs((data[place] as number) - (other[place] as number)));
    }
  }
  return largest;
}

describe('gradient accumulation', () => {
  it.each([
    ['two of four rows', [4, 4]],
    ['uneven ones, weighted by tokens', [1, 5, 2]],
  ])('of %s equals one batch of eight', async (_name, sizes) => {
    const stream = createRandomStreams(2).stream('data-order');
    const steps = Array.from({ length: 5 }, () => sizes.map((rows) => randomBatch(stream, rows, 3, 7)));
    const parts = await train(registryOf({}, TIED), steps);
    const whole = await train(
      registryOf({}, TIED),
      steps.map((micro) => [joined(micro)]),
    );
    parts.results.forEach(({ loss, gradientNorm, weight }, step) => {
      expect(Math.abs(loss - (whole.results[step]?.loss as number))).toBeLessThan(1e-5);
      expect(Math.abs(gradientNorm - (whole.results[step]?.gradientNorm as number))).toBeLessThan(1e-5);
      expect(weight).toBe(24);
    });
    // A first AdamW step divides a gradient by itself: near zero, rounding shows in the weights as well.
    expect(deviation(parts, whole)).toBeLessThan(1e-4);
  });
});

describe('gradient of a shared block', () => {
  /** Moments after one unclipped step hold (1 - beta1) g. */
  async function gradient(sharing: Partial<SharingOptions>, id: string): Promise<number[]> {
    const registry = registryOf(sharing, TIED);
    await trainStep(objective, registry, batchesOf(1), 0.01, { ...options, clipNorm: null });
    const leaf = registry.binding().leaves.find((one) => one.id === id);
    const values = [...(leaf?.state?.slots['m']!.dataSync() ?? [])].map((m) => m / 0.1);
    registry.dispose();
    return values;
  }

  it('of mode `mean` is the accumulated one divided by its uses, once', async () => {
    const sum = await gradient({ gradient: 'accumulate' }, 'h.0.weight');
    const mean = await gradient({ gradient: 'mean' }, 'h.0.weight');
    expect(mean).toHaveLength(25);
    // Layers 0, 1 and 3 use the block.
    mean.forEach((value, place) => expect(value * 3).toBeCloseTo(sum[place] as number, 5));
    const own = await gradient({ gradient: 'accumulate' }, 'h.2.weight');
    const ownMean = await gradient({ gradient: 'mean' }, 'h.2.weight');
    ownMean.forEach((value, place) => expect(value).toBeCloseTo(own[place] as number, 6));
  });

  it('of mode `source-only` differs from the sum, and comes from the owner alone', async () => {
    const sum = await gradient({ gradient: 'accumulate' }, 'h.0.weight');
    const owner = await gradient({ gradient: 'source-only' }, 'h.0.weight');
    const distance = Math.hypot(...owner.map((value, place) => value - (sum[place] as number)));
    expect(distance).toBeGreaterThan(1e-3);
  });
});

describe('several leaves on one storage (official profile)', () => {
  it('updates in index order, each on what the one before it left', async () => {
    const registry = registryOf({ profile: 'official' });
    // Layer 1 takes layer 0's storage, then trains again on it: two positions, two Adam states, one storage.
    registry.tie(1, 0);
    registry.untie(1);
    const leaves = registry.binding().leaves.filter(({ spec }) => spec.name === 'weight');
    expect(leaves.map(({ id }) => id)).toEqual(['h.0.weight', 'h.1.weight']);
    expect(new Set(leaves.map(({ storage }) => storage)).size).toBe(1);

    const before = [...registry.storageOf(leaves[0]!).dataSync()];
    await trainStep(objective, registry, batchesOf(1), 0.02, options);
    const after = [...registry.storageOf(leaves[0]!).dataSync()];
    const moments = registry
      .binding()
      .leaves.filter(({ spec }) => spec.name === 'weight')
      .map(({ state }) => ({ m: state!.slots['m']!.dataSync(), v: state!.slots['v']!.dataSync() }));
    const { stepSize = NaN, epsilon = NaN } = options.optimizer.scalars(0.02, 1, leaves[0]!.spec);
    const { keep = NaN } = options.optimizer.common?.(0.02) ?? {};
    const expected = before.map((start, place) =>
      moments.reduce((p, { m, v }) => {
        const direction = (m[place] as number) / (Math.sqrt(v[place] as number) + epsilon);
        return p * keep - stepSize * direction;
      }, start),
    );
    after.forEach((value, place) => expect(value).toBeCloseTo(expected[place] as number, 5));
    // Both moved it: the two gradients are those of two positions.
    expect(Math.hypot(...[...moments[0]!.m].map((m, place) => m - moments[1]!.m[place]!))).toBeGreaterThan(
      1e-4,
    );
    registry.dispose();
  });
});

describe('moments', () => {
  it('follow their block, each with a count of its own', async () => {
    const registry = registryOf({ moments: 'reset' }, [0, 1, 2, 2]);
    const counts = (): Record<string, number> =>
      Object.fromEntries(
        registry
          .binding()
          .leaves.filter(({ spec }) => spec.name === 'bias')
          .map(({ id, state }) => [id, state?.step ?? 0]),
      );
    await trainStep(objective, registry, batchesOf(1), 0.01, options);
    registry.untie(3);
    await trainStep(objective, registry, batchesOf(1), 0.01, options);
    expect(counts()).toEqual({ 'h.0.bias': 2, 'h.1.bias': 2, 'h.2.bias': 2, 'h.3.bias': 1 });
    registry.tie(1, 0);
    await trainStep(objective, registry, batchesOf(1), 0.01, options);
    expect(counts()).toEqual({ 'h.0.bias': 3, 'h.2.bias': 3, 'h.3.bias': 2 });
    registry.dispose();
  });
});

describe('memory', () => {
  const modes: [string, Partial<SharingOptions>][] = [
    ['accumulate', {}],
    ['mean', { gradient: 'mean' }],
    ['source-only', { gradient: 'source-only', moments: 'keep' }],
    ['official', { profile: 'official' }],
  ];
  it.each(modes)('leaks no tensor over 50 steps with ties and unties (%s)', async (_name, sharing) => {
    const start = tf.memory().numTensors;
    const registry = registryOf(sharing);
    const stream = createRandomStreams(4).stream('policy');
    const counts: number[] = [];
    for (let step = 0; step < 50; step += 1) {
      if (step % 2 === 0) {
        const layer = stream.integer(1, 4);
        registry.tie(layer, stream.integer(0, layer + 1));
      }
      await trainStep(objective, registry, batchesOf(step % 3 === 0 ? 2 : 1), 0.01, options);
      // Every step under one and the same map, so that the counts can be compared.
      if (step % 10 === 9) {
        for (const layer of [1, 2, 3]) registry.tie(layer, layer === 2 ? 2 : 0);
        await trainStep(objective, registry, batchesOf(1), 0.01, options);
        counts.push(tf.memory().numTensors);
      }
    }
    expect(counts).toHaveLength(5);
    // Moments of positions that once trained may stay by policy; after the first rounds nothing new appears.
    expect(new Set(counts.slice(1)).size).toBe(1);
    registry.dispose();
    expect(tf.memory().numTensors).toBe(start);
  });
});
