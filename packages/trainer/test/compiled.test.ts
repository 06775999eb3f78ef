/** Steps on a backend that compiles: the same numbers as on tfjs's cpu backend, traced once for each tie structure. */
import '@tensorflow/tfjs-backend-cpu';
import { loadBinding } from '@ligature/backend-onnxruntime';
import { createRandomStreams, type Batch } from '@ligature/core';
import { WeightRegistry } from '@ligature/weight-sharing';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it } from 'vitest';
import { createAdamW, Stepper, type StepOptions } from '../src/index.js';
import { randomBatch } from './support.js';
import { createToyObjective } from './toy-model.js';

function hasOnnxRuntime(): boolean {
  try {
    loadBinding();
    return true;
  } catch (error) {
    console.warn(`not tested on onnxruntime: ${(error as Error).message}`);
    return false;
  }
}

const MAPS = [
  [0, 1, 2, 3],
  [0, 0, 2, 2],
  [0, 0, 0, 0],
  [0, 0, 2, 2],
  [0, 1, 2, 3],
];
const STEPS_A_MAP = 3;

function batches(count: number): Batch[] {
  const stream = createRandomStreams(8).stream('data-order');
  return Array.from({ length: count }, () => randomBatch(stream, 3, 4, 7));
}

/** Losses, norms, dropout seeds drawn and final weights of a run whose tie map changes every few steps. */
async function train(backend: string, dropout: number, clipNorm: number | null) {
  await tf.setBackend(backend);
  const before = tf.memory().numTensors;
  const objective = createToyObjective({ layers: 4, width: 5, vocabularySize: 7, dropout });
  const registry = new WeightRegistry(objective, createRandomStreams(3));
  registry.initialize();
  const seeds = createRandomStreams(5).stream('dropout');
  let drawn = 0;
  const options: StepOptions = {
    optimizer: createAdamW(),
    clipNorm,
    dropoutSeed: () => {
      drawn += 1;
      return seeds.integer(0, 2 ** 31 - 1);
    },
  };
  const stepper = new Stepper(objective, registry, options);
  const numbers: number[] = [];
  const all = batches(MAPS.length * STEPS_A_MAP);
  for (const [index, tieMap] of MAPS.entries()) {
    registry.apply({ kind: 'map', tieMap });
    for (const batch of all.slice(index * STEPS_A_MAP, (index + 1) * STEPS_A_MAP)) {
      const { loss, gradientNorm } = await stepper.step([batch], 0.01 * (index + 1));
      numbers.push(loss, gradientNorm);
    }
  }
  for (const { data } of registry.exportWeights().tensors.values()) numbers.push(...(data as Float32Array));
  const { statistics } = stepper;
  stepper.dispose();
  registry.dispose();
  expect(tf.memory().numTensors).toBe(before);
  return { numbers, statistics, drawn };
}

afterAll(async () => {
  await tf.setBackend('cpu');
});

describe.skipIf(!hasOnnxRuntime())('steps on onnxruntime', () => {
  it.each([null, 0.5])('equal those on cpu while the tie map changes, clipped to %s', async (clipNorm) => {
    const expected = await train('cpu', 0, clipNorm);
    const found = await train('onnxruntime', 0, clipNorm);
    expect(expected.statistics).toBeUndefined();
    expect(found.numbers.length).toBe(expected.numbers.length);
    found.numbers.forEach((value, index) => {
      expect(Math.abs(value - expected.numbers[index]!), `number ${index}`).toBeLessThan(2e-5);
    });
    // Learning rates and bias corrections changed with every step; only the first uses of a structure were traced.
    expect(found.statistics).toMatchObject({ replays: MAPS.length * STEPS_A_MAP });
    expect(found.statistics!.traces).toBeLessThanOrEqual(3);
  });

  it('draw the same dropout masks, once for each step, and are not compiled', async () => {
    const expected = await train('cpu', 0.4, 1);
    const found = await train('onnxruntime', 0.4, 1);
    expect(found.drawn).toBe(expected.drawn);
    expect(found.statistics).toBeUndefined();
    found.numbers.forEach((value, index) => {
      expect(Math.abs(value - expected.numbers[index]!), `number ${index}`).toBeLessThan(2e-5);
    });
  });
});
