/**
 * The whole ordered trace of a tiny run: two layers, two windows of one step, one tie. The order is public API;
 * a change here is a change that plug-ins notice.
 */
import { defineController, definePlugin, isDurable, type LigatureEvent } from '@ligature/core';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { tinyRun, withFolder } from './tiny-run.js';

/** Ties layer 1 in window 0 and unties it in window 1. */
const scripted = definePlugin({
  name: 'scripted',
  version: '1.0.0',
  controllers: {
    scripted: defineController({
      meta: { summary: 'tie, then untie', options: z.object({}) },
      create: () => ({
        decide: ({ window }) => ({ kind: 'layer', layer: 1, source: window === 0 ? 0 : 1 }),
        learn: ({ reward, truncated }) => ({ reward, truncated: Number(truncated) }),
        snapshot: () => null,
        restore: () => undefined,
      }),
    }),
  },
});

/** Everything of an event but measurements and ledgers, whose numbers have tests of their own. */
function essence(event: LigatureEvent): unknown {
  const { ledger, metrics, durationMs, loss, losses, gradientNorm, reward, raw, report, ...rest } =
    event as LigatureEvent & Record<string, unknown>;
  const numbers = [loss, gradientNorm, reward, raw, ...((losses as number[] | undefined) ?? [])];
  expect(numbers.filter((value) => value !== undefined).every(Number.isFinite)).toBe(true);
  void durationMs;
  return {
    ...rest,
    ...(ledger ? { independentLayers: (ledger as { independentLayers: number }).independentLayers } : {}),
    // Measured numbers by their names; what there is to measure, as it is.
    ...(metrics ? { metrics: Array.isArray(metrics) ? metrics : Object.keys(metrics as object).sort() } : {}),
    ...(losses ? { losses: (losses as number[]).length } : {}),
    ...(report ? { report: Object.keys(report as object) } : {}),
  };
}

/** Told before the first batch and after each. */
const progress = (split: string, total: number): unknown[] =>
  Array.from({ length: total + 1 }, (_, done) => ({ type: 'evaluation.progressed', split, done, total }));

it('publishes one tiny run in this order', async () => {
  const { heard, log } = await withFolder((folder) =>
    tinyRun(
      folder,
      {
        ...{ controller: 'scripted', training: { schedule: 'constant' } },
        evaluation: { batch: 2, final: { batches: 'auto' } },
      },
      [scripted],
    ),
  );
  const metrics = ['accuracy', 'bitsPerByte', 'nats', 'perplexity'];
  const batches = heard.filter((event) => event.type === 'evaluation.progressed');
  // A tenth of two steps is less than a batch: one of each split is measured all the same, and the log says of how many.
  const subset = { batches: 1, of: expect.any(Number) as number };
  const count = (split: string): number => batches.find((one) => one.split === split)?.total ?? 0;
  expect(count('validation') * count('test')).toBeGreaterThan(0);
  // Two probe batches of two rows of eight tokens, passed forward: a third of the tokens of a step of their size.
  const probes = { tokens: Math.round((2 * 16) / 3), flops: 245_760 };
  expect(heard.map(essence)).toEqual([
    // What belongs to this process and not to the run is told from the first moment on, and not written down.
    { type: 'stage.entered', message: expect.stringMatching(/^Reading ".*" as tokens …$/) as string },
    { type: 'stage.entered', message: 'Counting what needs no training: unigram, bigram …' },
    // Nothing is tied yet: the controller gave no initial map.
    {
      type: 'run.started',
      seed: 1,
      layers: 2,
      steps: 2,
      controller: 'scripted',
      task: 'causal-lm',
      unit: 'tokens',
      lossUnit: 'nats per token',
      metrics: [
        { name: 'nats', unit: 'nats', better: 'lower', label: 'loss' },
        { name: 'perplexity', unit: '', better: 'lower' },
        { name: 'bitsPerByte', unit: 'bits/byte', better: 'lower', label: 'bits per byte' },
        { name: 'accuracy', unit: '%', better: 'higher' },
      ],
      finalPasses: [
        { split: 'validation', batches: 1, weight: expect.any(Number) as number },
        { split: 'test', batches: 1, weight: expect.any(Number) as number },
      ],
      tieMap: [0, 1],
      independentLayers: 2,
    },
    // The trainer opens a window and waits. The decision is taken and applied inside the handlers of that event,
    // and both facts follow it before the first step: a step never runs under an undecided map.
    { type: 'window.opened', window: 0, step: 0, progress: 0 },
    {
      type: 'tying.decided',
      window: 0,
      sweep: 0,
      layer: 1,
      component: null,
      source: 0,
      kind: 'layer',
      notes: {},
    },
    {
      type: 'tying.applied',
      window: 0,
      previous: [0, 1],
      tieMap: [0, 0],
      state: [0, 0],
      tied: 1,
      untied: 0,
      independentLayers: 1,
    },
    { type: 'step.completed', step: 1, window: 0, learningRate: 0.003, tokens: 16 },
    // The reward is measured when the window closes, and learned from before the next one opens: the next
    // decision already knows.
    { type: 'window.closed', window: 0, step: 1, losses: 1, truncated: false, progress: 0.5 },
    { type: 'reward.measured', window: 0, saturated: false, ...probes },
    { type: 'controller.learned', window: 0, report: ['reward', 'truncated'] },
    // Two layers: every sweep is one window.
    { type: 'window.opened', window: 1, step: 1, progress: 0.5 },
    {
      type: 'tying.decided',
      window: 1,
      sweep: 1,
      layer: 1,
      component: null,
      source: 1,
      kind: 'layer',
      notes: {},
    },
    {
      type: 'tying.applied',
      window: 1,
      previous: [0, 0],
      tieMap: [0, 1],
      state: [0, 1],
      tied: 0,
      untied: 1,
      independentLayers: 2,
    },
    { type: 'step.completed', step: 2, window: 1, learningRate: 0.003, tokens: 16 },
    // The budget ends here: truncated, not terminated, so a learner still bootstraps.
    { type: 'window.closed', window: 1, step: 2, losses: 1, truncated: true, progress: 1 },
    { type: 'reward.measured', window: 1, saturated: false, ...probes },
    { type: 'controller.learned', window: 1, report: ['reward', 'truncated'] },
    // Validation to choose by, test to report, both on the final weights and before the run is complete.
    ...progress('validation', count('validation')),
    { type: 'evaluation.completed', step: 2, split: 'validation', metrics, subset: { ...subset, apart: 2 } },
    ...progress('test', count('test')),
    { type: 'evaluation.completed', step: 2, split: 'test', metrics, subset },
    { type: 'run.completed', step: 2, tokens: 32, tieMap: [0, 1], independentLayers: 2 },
    { type: 'checkpoint.saved', step: 2, path: 'checkpoints/step-000002' },
  ]);
  // What listeners saw of the run is what the file holds, one JSON line each.
  const durable = heard.filter(isDurable);
  expect(log.map((line) => JSON.parse(line) as unknown)).toEqual(JSON.parse(JSON.stringify(durable)));
});
