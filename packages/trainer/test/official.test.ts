/**
 * Twelve windows of the official code, executed in PyTorch (fixtures/official-4-layers.json names the version and
 * the commit), replayed under the official profile: aliased storages, several Adam states on one of them, moments
 * that outlive their position's turn.
 */
import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import { createRandomStreams, type Batch } from '@ligature/core';
import { createGpt2 } from '@ligature/transformer';
import { decodeSafetensors, WeightRegistry } from '@ligature/weight-sharing';
import { expect, it } from 'vitest';
import { meanLoss, trainStep } from '../src/index.js';

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

const batchOf = (rows: number[][]): Batch => ({
  inputs: Int32Array.from(rows.flatMap((row) => row.slice(0, -1))),
  labels: Int32Array.from(rows.flatMap((row) => row.slice(1))),
  batch: rows.length,
  context: config.n_positions,
});

it('follows the losses, probe losses and storages of the official code over twelve windows', async () => {
  const model = createGpt2({
    layers: config.n_layer,
    width: config.n_embd,
    heads: config.n_head,
    context: config.n_positions,
    vocabularySize: config.vocab_size,
    activation: config.activation_function,
    layerNormEpsilon: config.layer_norm_epsilon,
  });
  const registry = new WeightRegistry(model, createRandomStreams(1), { profile: 'official' });
  registry.initialize(undefined, weights);
  const step = {
    adamW: {
      beta1: optimizer.betas[0],
      beta2: optimizer.betas[1],
      epsilon: optimizer.epsilon,
      weightDecay: optimizer.weight_decay,
      decay: 'all',
    },
    clipNorm: optimizer.max_grad_norm,
  } as const;
  expect(windows).toHaveLength(12);
  for (const window of windows) {
    registry.apply({ kind: 'layer', layer: window.layer, source: window.action });
    for (const [index, rows] of window.train.entries()) {
      const { loss } = await trainStep(model, registry, [batchOf(rows)], optimizer.learning_rate, step);
      expect(Math.abs(loss - window.losses[index]!)).toBeLessThan(5e-4);
    }
    const probe = await meanLoss(model, registry.view(), [batchOf(window.probe)]);
    // The reward is minus the perplexity of the probe.
    expect(Math.abs(probe - Math.log(-window.reward))).toBeLessThan(5e-4);
    expect(registry.state).toEqual(window.state);
    const storages = new Set(Object.values(registry.distinctStorages()));
    expect(storages).toEqual(new Set([window.distinct_storages]));
  }
  registry.dispose();
});
