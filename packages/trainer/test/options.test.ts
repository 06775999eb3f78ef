import { runConfigSchema } from '@ligature/core';
import { createCausalLm } from '@ligature/tasks';
import { describe, expect, it } from 'vitest';
import { summaryOf, trainerOptions } from '../src/index.js';

describe('trainerOptions', () => {
  it('takes its part of a configuration', () => {
    const config = runConfigSchema.parse({
      seed: 4,
      controller: 'cycle',
      tying: { window: 5 },
      training: { steps: 12, accumulation: 2, freeze: ['transformer.wte.*'] },
      evaluation: { every: 6 },
    });
    const options = trainerOptions(config, 64);
    expect(options).toMatchObject({ seed: 4, controller: 'cycle', window: 5, evaluateEvery: 6, steps: 12 });
    expect(options).toMatchObject({ learningRate: 3e-3, schedule: 'cosine', onDivergence: 'stop' });
    // What the steps are made of is nothing to the loop over them.
    for (const other of ['signal', 'accumulation', 'clip', 'freeze', 'batch']) {
      expect(options).not.toHaveProperty(other);
    }
    const { signal } = new AbortController();
    expect(trainerOptions(config, 64, signal).signal).toBe(signal);
  });

  it.each([
    ['as many as it takes, the last one whole', 1000, 64, 1, 16],
    ['one when it is less than a batch', 1, 64, 1, 1],
    ['fewer where batches are accumulated', 1000, 64, 4, 4],
    ['exactly those that it pays for', 640, 64, 2, 5],
    ['by the average where batches differ', 1000, 12.5, 2, 40],
  ])('makes steps of a budget of targets: %s', (_name, amount, weight, accumulation, steps) => {
    const budget = { kind: 'tokens', amount } as const;
    const config = runConfigSchema.parse({ training: { steps: 7, budget, accumulation } });
    expect(trainerOptions(config, weight)).toMatchObject({ steps, budget });
  });

  it.each(['flops', 'seconds'] as const)('leaves a budget of %s to the loop', (kind) => {
    const budget = { kind, amount: 5 };
    const config = runConfigSchema.parse({ training: { steps: 7, budget } });
    expect(trainerOptions(config, 64)).toMatchObject({ steps: 7, budget });
  });
});

describe('summaryOf', () => {
  it('is data: what is learnt, in what it is counted, and the metrics without their folds', () => {
    const task = createCausalLm();
    const summary = summaryOf(task, task.metrics);
    expect(JSON.parse(JSON.stringify(summary))).toEqual(summary);
    expect(summary).toMatchObject({ task: 'causal-lm', unit: 'tokens', lossUnit: 'nats per token' });
    expect(summary.metrics.map(({ name, better }) => [name, better])).toEqual([
      ['nats', 'lower'],
      ['perplexity', 'lower'],
      ['bitsPerByte', 'lower'],
      ['accuracy', 'higher'],
    ]);
  });
});
