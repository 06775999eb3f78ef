/** What the listening evaluators make of a run's events. */
import { createRunContainer, PluginHost } from '@ligature/core';
import type { Evaluator, LigatureEvent } from '@ligature/core';
import plugin, {
  createLedgerEvaluator,
  createMemoryEvaluator,
  createThroughputEvaluator,
} from '@ligature/evaluators';
import { describe, expect, it } from 'vitest';
import { applied, closed, ledgerOf, play, stepped } from './support/events.js';

async function summaryAfter(evaluator: Evaluator, events: LigatureEvent[]) {
  await play((bus) => evaluator.attach!(bus), events);
  return evaluator.summary!();
}

describe('memory', () => {
  it('keeps the peaks', async () => {
    const held = [5, 90, 40];
    const evaluator = createMemoryEvaluator({ backendBytes: () => held.shift()! }, () => 1234);
    const steps = [stepped(1, 8, 1), stepped(2, 8, 1), stepped(3, 8, 1)];
    expect(await summaryAfter(evaluator, steps)).toEqual({ peakBackendBytes: 90, peakResidentBytes: 1234 });
  });

  it('reads the peak of the process in bytes', async () => {
    const { peakResidentBytes } = createMemoryEvaluator({ backendBytes: () => 0 }).summary!();
    // The peak is no less than what is resident now, give or take a page; in KiB it would be a thousandth.
    expect(peakResidentBytes).toBeGreaterThan(0.9 * process.memoryUsage().rss);
    expect(peakResidentBytes).toBeLessThan(1000 * process.memoryUsage().rss);
  });
});

describe('throughput', () => {
  // Rates of 10, 100, 1000 and 200 tokens per second; 20 tokens in all after the first two, in 0.06 s.
  const steps = [stepped(1, 10, 1000), stepped(2, 10, 100), stepped(3, 10, 10), stepped(4, 10, 50)];

  it('leaves the warm-up out', async () => {
    const found = await summaryAfter(createThroughputEvaluator({ warmup: 2 }), steps);
    expect(found.tokensPerSecond).toBeCloseTo(600, 9);
    expect(found.tokensPerSecondMean).toBeCloseTo(20 / 0.06, 9);
    expect(found.secondsPerStep).toBeCloseTo(0.03, 9);
  });

  it('takes the middle of an odd number of steps', async () => {
    const found = await summaryAfter(createThroughputEvaluator({ warmup: 1 }), steps);
    expect(found.tokensPerSecond).toBeCloseTo(200, 9);
  });

  it('counts every step of a run that is shorter than the warm-up, and says nothing without a clock', async () => {
    const short = await summaryAfter(createThroughputEvaluator({ warmup: 2 }), steps.slice(0, 2));
    expect(short.tokensPerSecond).toBeCloseTo(55, 9);
    expect(await summaryAfter(createThroughputEvaluator({ warmup: 0 }), [stepped(1, 10, 0)])).toEqual({});
    expect(createThroughputEvaluator({ warmup: 0 }).summary!()).toEqual({});
  });
});

it('ledger gives the counts at the end and the means over windows', async () => {
  const started: LigatureEvent = {
    type: 'run.started',
    seed: 1,
    layers: 5,
    steps: 3,
    controller: 'x',
    tieMap: [0, 1, 2, 3, 4],
    ledger: ledgerOf([0, 1, 2, 3, 4]),
  };
  const events = [
    started,
    closed(0, 1),
    applied(1, [0, 0, 0, 0, 0]),
    closed(1, 1),
    applied(2, [0, 0, 2, 2, 2]),
  ];
  expect(createLedgerEvaluator().summary!()).toEqual({});
  expect(await summaryAfter(createLedgerEvaluator(), events)).toEqual({
    independentLayers: 2,
    uniqueParameters: 300,
    trainableParameters: 300,
    totalParameters: 600,
    reduction: 0.5,
    weightBytes: 1200,
    // Two windows were closed: one with 5 independent layers (600 parameters), one with 1 (200).
    independentLayersMean: 3,
    reductionMean: 1 - 400 / 600,
  });
});

it('every evaluator is made by the plug-in host from no options at all, and refuses unknown ones', async () => {
  const host = new PluginHost().register(plugin);
  const context = { layers: 5, backendBytes: () => 0, now: () => 0, get: createRunContainer().get };
  for (const name of ['ledger', 'memory', 'throughput', 'diagnostics']) {
    expect((await host.create('evaluators', name, {}, context)).name).toBe(name);
    await expect(host.create('evaluators', name, { sharpness: 1 }, context)).rejects.toThrow('sharpness');
  }
});
