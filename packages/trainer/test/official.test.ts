/**
 * Twelve windows of the official code, executed in PyTorch (fixtures/official-4-layers.json names the version and
 * the commit), replayed under the official profile: aliased storages, several Adam states on one of them, moments
 * that outlive their position's turn.
 */
import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import { createRandomStreams } from '@ligature/core';
import { decodeSafetensors, WeightRegistry } from '@ligature/weight-sharing';
import { expect, it } from 'vitest';
import { createAdamW, measureBatches, trainStep } from '../src/index.js';
import { createGpt2Objective, shiftedBatch } from './support.js';

interface Golden {
  config: Record<'n_layer' | 'n_embd' | 'n_head' | 'n_positions' | 'vocab_size', number> & {
    activation_function: 'gelu' | 'gelu_new';
    layer_norm_epsilon: number;
  };
  optimizer: {
    learning_rate: number;
    betas: [number, number];
    epsilon: number;
    weight_decay: number;
    max_grad_norm: number;
  };
  windows: {
    layer: number;
    action: number;
    train: number[][][];
    probe: number[][];
    losses: number[];
    reward: number;
    state: number[];
    distinct_storages: number;
  }[];
}

const fixture = (name: string): Buffer => readFileSync(new URL(`fixtures/${name}`, import.meta.url));
const { config, optimizer, windows } = JSON.parse(fixture('official-4-layers.json').toString()) as Golden;
const { tensors } = decodeSafetensors(fixture('official-4-layers.safetensors'));
const weights = new Map([...tensors].filter(([name]) => name.startsWith('transformer.')));

it('follows the losses, probe losses and storages of the official code over twelve windows', async () => {
  const objective = createGpt2Objective({
    layers: config.n_layer,
    width: config.n_embd,
    heads: config.n_head,
    context: config.n_positions,
    vocabularySize: config.vocab_size,
    activation: config.activation_function,
    layerNormEpsilon: config.layer_norm_epsilon,
  });
  const registry = new WeightRegistry(objective, createRandomStreams(1), { profile: 'official' });
  registry.initialize(undefined, weights);
  const step = {
    optimizer: createAdamW({
      beta1: optimizer.betas[0],
      beta2: optimizer.betas[1],
      epsilon: optimizer.epsilon,
      weightDecay: optimizer.weight_decay,
      decay: 'all',
    }),
    clipNorm: optimizer.max_grad_norm,
  };
  expect(windows).toHaveLength(12);
  for (const window of windows) {
    registry.apply({ kind: 'layer', layer: window.layer, source: window.action });
    for (const [index, rows] of window.train.entries()) {
      const { loss } = await trainStep(
        objective,
        registry,
        [shiftedBatch(rows)],
        optimizer.learning_rate,
        step,
      );
      expect(Math.abs(loss - window.losses[index]!)).toBeLessThan(5e-4);
    }
    const { loss: probe } = await measureBatches(objective, registry.view(), [shiftedBatch(window.probe)]);
    // The reward is minus the perplexity of the probe.
    expect(Math.abs(probe - Math.log(-window.reward))).toBeLessThan(5e-4);
    expect(registry.state).toEqual(window.state);
    const storages = new Set(Object.values(registry.distinctStorages()));
    expect(storages).toEqual(new Set([window.distinct_storages]));
  }
  registry.dispose();
});
