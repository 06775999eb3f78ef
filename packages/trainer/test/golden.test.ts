/**
 * Six AdamW steps of seven tie maps against trajectories made by PyTorch (fixtures/gpt2-tiny.json names the
 * version): AdamW over all parameters, clipped at 1, through the whole trainer.
 */
import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import { createEventBus, createRandomStreams, type Batch, type BatchSource } from '@ligature/core';
import { decodeSafetensors, WeightRegistry } from '@ligature/weight-sharing';
import { describe, expect, it } from 'vitest';
import { createAdamW, measureBatches, Trainer, TrainingSteps } from '../src/index.js';
import { baseOptions, createGpt2Objective, shiftedBatch } from './support.js';

interface Golden {
  config: Record<'n_layer' | 'n_embd' | 'n_head' | 'n_positions' | 'vocab_size', number> & {
    layer_norm_epsilon: number;
  };
  optimizer: {
    learning_rate: number;
    betas: [number, number];
    epsilon: number;
    weight_decay: number;
    max_grad_norm: number;
  };
  batches: number[][][];
  scenarios: {
    name: string;
    tie_map: number[];
    gradient: 'sum' | 'owner';
    activation_function: 'gelu' | 'gelu_new';
    steps: { loss: number; grad_norm: number }[];
    loss_of_first_batch_after_training: number;
  }[];
}

const fixture = (name: string): Buffer => readFileSync(new URL(`fixtures/${name}`, import.meta.url));
const golden = JSON.parse(fixture('gpt2-tiny.json').toString()) as Golden;
const weights = decodeSafetensors(fixture('gpt2-tiny.safetensors')).tensors;

const batches = golden.batches.map(shiftedBatch);

function sourceOf(list: readonly Batch[]): BatchSource {
  const left = [...list];
  const fixed = { shape: { inputs: [3, golden.config.n_positions] }, weight: 3 * golden.config.n_positions };
  return {
    ...fixed,
    next: () => left.shift() as Batch,
    snapshot: () => left.length,
    restore: () => undefined,
  };
}

describe('trajectories of PyTorch', () => {
  it.each(golden.scenarios)('$name', async (scenario) => {
    const { config, optimizer } = golden;
    const objective = createGpt2Objective({
      layers: config.n_layer,
      width: config.n_embd,
      heads: config.n_head,
      context: config.n_positions,
      vocabularySize: config.vocab_size,
      dropout: 0,
      activation: scenario.activation_function,
      layerNormEpsilon: config.layer_norm_epsilon,
    });
    const streams = createRandomStreams(1);
    const registry = new WeightRegistry(objective, streams, {
      gradient: scenario.gradient === 'sum' ? 'accumulate' : 'source-only',
      // PyTorch's optimizer knows nothing of how often a weight is used.
      stepSize: 'none',
    });
    registry.initialize(scenario.tie_map, weights);
    const bus = createEventBus();
    const taken: { loss: number; norm: number }[] = [];
    bus.on('step.completed').subscribe(({ loss, gradientNorm }) => taken.push({ loss, norm: gradientNorm }));
    const options = {
      ...baseOptions,
      steps: 6,
      learningRate: optimizer.learning_rate,
      schedule: 'constant',
      warmup: 0,
    } as const;
    const adamW = createAdamW({
      beta1: optimizer.betas[0],
      beta2: optimizer.betas[1],
      epsilon: optimizer.epsilon,
      weightDecay: optimizer.weight_decay,
      decay: 'all',
    });
    const source = sourceOf(batches);
    const training = { accumulation: 1, clip: optimizer.max_grad_norm };
    const steps = new TrainingSteps(objective, registry, adamW, source, streams, { training });
    const ledger = () => registry.ledger(objective.cost(source.shape));
    await new Trainer(bus, steps, registry, ledger, options, () => 0).run();

    expect(taken).toHaveLength(6);
    taken.forEach(({ loss, norm }, step) => {
      expect(Math.abs(loss - scenario.steps[step]!.loss)).toBeLessThan(5e-4);
      expect(Math.abs(norm - scenario.steps[step]!.grad_norm)).toBeLessThan(2e-3);
    });
    const { loss: after } = await measureBatches(objective, registry.view(), [batches[0]!]);
    expect(Math.abs(after - scenario.loss_of_first_batch_after_training)).toBeLessThan(5e-4);
    registry.dispose();
  });
});
