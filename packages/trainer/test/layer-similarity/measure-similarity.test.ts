/** What is measured of a real model: planted likeness, shared blocks, and nothing left behind or changed. */
import '@tensorflow/tfjs-backend-cpu';
import { loadBinding } from '@ligature/backend-onnxruntime';
import { createRandomStreams, type Batch, type SimilarityKind } from '@ligature/core';
import { WeightRegistry, type SharingOptions } from '@ligature/weight-sharing';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it } from 'vitest';
import { measureSimilarity, Stepper, tensorBatch } from '../../src/index.js';
import { createGpt2Objective, randomBatch, stepOptions } from '../support.js';
import { createToyObjective, type TokenObjective } from '../toy-model.js';

const KINDS = ['weight-cosine', 'hidden-cka', 'gradient-cosine'] as const;
const LAYERS = 4;
const gpt2 = (): TokenObjective =>
  createGpt2Objective({ layers: LAYERS, width: 8, heads: 2, context: 6, vocabularySize: 11, dropout: 0.2 });
const batch: Batch = randomBatch(createRandomStreams(4).stream('data-order'), 3, 6, 11);

function hasOnnxRuntime(): boolean {
  try {
    loadBinding();
    return true;
  } catch (error) {
    console.warn(`not tested on onnxruntime: ${(error as Error).message}`);
    return false;
  }
}
const backends = ['cpu', ...(hasOnnxRuntime() ? ['onnxruntime'] : [])];

/** Sampled weights, layer 3's being those of layer 0 and a little noise. */
function registryOf(objective = gpt2(), options: Partial<SharingOptions> = {}): WeightRegistry {
  const source = new WeightRegistry(objective, createRandomStreams(3));
  source.initialize();
  const noise = createRandomStreams(9).stream('noise');
  const weights = new Map(
    [...source.exportWeights().tensors].map(([name, { shape, data }]) => [
      name,
      { shape, data: Float32Array.from(data as Float32Array) },
    ]),
  );
  source.dispose();
  for (const { name, sharing } of objective.parameters) {
    if (sharing !== 'block') continue;
    const from = weights.get(objective.blockParameterName(0, name))!;
    const to = weights.get(objective.blockParameterName(3, name))!;
    to.data.set(from.data.map((value) => value + noise.normal(0, 0.002)));
  }
  const registry = new WeightRegistry(objective, createRandomStreams(3), options);
  registry.initialize(undefined, weights);
  return registry;
}

async function measured(
  kind: SimilarityKind,
  tieMap = [0, 1, 2, 3],
  options: Partial<SharingOptions> = {},
): Promise<number[][]> {
  const objective = gpt2();
  const registry = registryOf(objective, options);
  registry.apply({ kind: 'map', tieMap });
  try {
    return await measureSimilarity(objective, registry, kind, batch);
  } finally {
    registry.dispose();
  }
}

const pairs = (matrix: number[][]): number[] => matrix.flatMap((row, i) => row.slice(i + 1));

describe.each(backends)('on %s', (backend) => {
  afterAll(() => void tf.setBackend('cpu'));

  it.each(KINDS)('%s is a symmetric table, the same again, and leaves nothing', async (kind) => {
    await tf.setBackend(backend);
    const objective = gpt2();
    const registry = registryOf(objective);
    const weights = registry.exportWeights();
    const tensors = tf.memory().numTensors;
    const matrix = await measureSimilarity(objective, registry, kind, batch);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(await measureSimilarity(objective, registry, kind, batch)).toEqual(matrix);
    expect(registry.exportWeights()).toEqual(weights);
    expect(matrix).toHaveLength(LAYERS);
    matrix.forEach((row, i) =>
      row.forEach((value, j) => {
        expect(value).toBe(i === j ? 1 : matrix[j]![i]);
        expect(Math.abs(value)).toBeLessThanOrEqual(1);
        expect(value).toBe(Number(value.toFixed(6)));
      }),
    );
    registry.dispose();
  });

  it('finds the planted copy of weights, far above layers that were sampled apart', async () => {
    await tf.setBackend(backend);
    const matrix = await measured('weight-cosine');
    expect(matrix[0]![3]).toBeGreaterThan(0.98);
    for (const [i, j] of [
      [0, 1],
      [0, 2],
      [1, 2],
      [1, 3],
      [2, 3],
    ] as const)
      // prettier-ignore
      expect(Math.abs(matrix[i]![j]!)).toBeLessThan(0.2);
  });

  it('shows a running trainer nothing: steps and what was compiled are those of a run without it', async () => {
    await tf.setBackend(backend);
    const run = async (measure: boolean) => {
      const sizes = { layers: LAYERS, width: 8, heads: 2, context: 6, vocabularySize: 11 };
      const objective = createGpt2Objective(sizes);
      const registry = registryOf(objective);
      const stepper = new Stepper(objective, registry, stepOptions);
      const losses: number[] = [];
      for (let step = 0; step < 4; step += 1) {
        losses.push((await stepper.step([batch], 0.01)).loss);
        if (measure) for (const kind of KINDS) await measureSimilarity(objective, registry, kind, batch);
      }
      const { traces, replays } = stepper.statistics ?? {};
      stepper.dispose();
      registry.dispose();
      return { losses, traces, replays };
    };
    expect(await run(true)).toEqual(await run(false));
  });
});

describe('what counts', () => {
  it('hidden-cka and cosines agree between the backends', async () => {
    for (const kind of KINDS) {
      const all: number[][] = [];
      for (const backend of backends) {
        await tf.setBackend(backend);
        all.push(pairs(await measured(kind)));
      }
      await tf.setBackend('cpu');
      for (const other of all) other.forEach((value, at) => expect(value).toBeCloseTo(all[0]![at]!, 4));
    }
  });

  it('layers that share a block have equal weights, but states and gradients of their own', async () => {
    const tieMap = [0, 0, 2, 3];
    expect((await measured('weight-cosine', tieMap))[0]![1]).toBe(1);
    const gradients = await measured('gradient-cosine', tieMap);
    expect(gradients[0]![1]).toBeLessThan(0.999);
    // The mode of training does not matter: gradients are those of positions.
    for (const gradient of ['source-only', 'mean'] as const) {
      expect(await measured('gradient-cosine', tieMap, { gradient })).toEqual(gradients);
    }
  });

  it('only components that are tied count', async () => {
    const attention = await measured('weight-cosine', [0, 1, 2, 3], { components: ['attention'] });
    const mlp = await measured('weight-cosine', [0, 1, 2, 3], { components: ['mlp'] });
    expect(attention).not.toEqual(mlp);
    // Every entry counts the same, so the whole block lies between its parts here.
    const [a, b, both] = [attention[0]![1]!, mlp[0]![1]!, (await measured('weight-cosine'))[0]![1]!];
    expect(both).toBeGreaterThan(Math.min(a, b));
    expect(both).toBeLessThan(Math.max(a, b));
  });

  it('gradients are those of the loss: their sum over positions is the gradient of the shared block', async () => {
    const { gradientsOfLayers } = await import('../../src/layer-similarity/layer-vectors.js');
    const objective = gpt2();
    const registry = registryOf(objective);
    registry.apply({ kind: 'map', tieMap: [0, 0, 0, 0] });
    const positions = await gradientsOfLayers(objective, registry, batch);
    const binding = registry.binding();
    const shared = tf.tidy(() =>
      tf.grads((...leaves: tf.Tensor[]) =>
        objective.loss(binding.view(leaves, binding.frozen), tensorBatch(batch), { training: false }),
      )(binding.leaves.map(({ tensor }) => tensor)),
    );
    const at = binding.leaves.findIndex(({ id }) => id === 'transformer.h.0.mlp.c_fc.weight');
    const wanted = shared[at]!.dataSync();
    // mlp.c_fc is the third matrix of a block.
    const sums = wanted.map((_, index) => positions.reduce((sum, pieces) => sum + pieces[2]![index]!, 0));
    expect(Math.max(...wanted.map(Math.abs))).toBeGreaterThan(1e-3);
    sums.forEach((sum, index) => expect(sum).toBeCloseTo(wanted[index]!, 5));
    tf.dispose(shared);
    registry.dispose();
  });

  it('hidden-cka of a model that shows nothing is refused with what to do', async () => {
    const objective = createToyObjective({ layers: 2, width: 3, vocabularySize: 11 });
    const registry = new WeightRegistry(objective, createRandomStreams(1));
    registry.initialize();
    await expect(measureSimilarity(objective, registry, 'hidden-cka', batch)).rejects.toMatchObject({
      code: 'model-without-hidden',
      parts: { todo: expect.stringContaining('weight-cosine') as string },
    });
    registry.dispose();
  });

  it('weights that are no numbers are refused', async () => {
    const objective = gpt2();
    const registry = registryOf(objective);
    const [leaf] = registry.binding().leaves.filter(({ id }) => id === 'transformer.h.0.mlp.c_fc.weight');
    const { shape } = leaf!.spec;
    registry.update(leaf!, {
      parameter: tf.fill([...shape], Number.NaN),
      slots: { m: tf.zeros([...shape]), v: tf.zeros([...shape]) },
      step: 1,
    });
    await expect(measureSimilarity(objective, registry, 'weight-cosine', batch)).rejects.toMatchObject({
      code: 'similarity-not-finite',
    });
    registry.dispose();
  });
});
