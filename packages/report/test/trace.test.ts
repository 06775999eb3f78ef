import type { LigatureEvent } from '@ligature/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lossBands } from '../src/charts/comparison-loss.js';
import { binLosses, binSize, everyNth, smoothed } from '../src/trace/thin.js';
import { traceRun, type StepPoint } from '../src/index.js';
import { eventsOf } from './run-folder.js';

const step = (index: number, loss: number): StepPoint => ({
  ...{ step: index + 1, loss, tokens: 10 * (index + 1), seconds: index + 1, flops: 100 * (index + 1) },
});

describe('the trace of a run', () => {
  it('adds up what every step cost, by the ledger of the map in force', () => {
    const { steps, windows, ledgers } = traceRun(eventsOf(3));
    expect(steps.map(({ tokens }) => tokens)).toEqual([32, 64, 96, 128, 160, 192]);
    expect(steps.at(-1)?.seconds).toBeCloseTo(0.6);
    // 15 operations a step after the first decision; those of the start, 30, belong to no step.
    expect(steps.map(({ flops }) => flops)).toEqual([15, 30, 45, 60, 75, 90]);
    expect(windows.map(({ tieMap }) => tieMap.join('-'))).toEqual(['0-1-2', '0-1-0', '0-0-0']);
    expect(windows[1]).toMatchObject({
      ...{ window: 1, layer: 2, from: 2, to: 4, report: { loss: 0.5 } },
      decision: { kind: 'layer', source: 0, notes: { explored: false, epsilon: 0.5 } },
      reward: { reward: 1, raw: 3, saturated: true },
    });
    expect(ledgers.map(({ ledger }) => ledger.independentLayers)).toEqual([3, 2, 1]);
  });

  it('counts the batches of an accumulated step', () => {
    expect(traceRun(eventsOf(1), 4).steps.map(({ flops }) => flops)).toEqual([60, 120]);
  });

  it('takes back what came after the checkpoint of a roll-back, its time among it', () => {
    const diverged: LigatureEvent = {
      ...{ type: 'run.diverged', step: 5, window: 2, loss: 'NaN', gradientNorm: 1, learningRate: 1 },
      ...{ action: 'rollback', resumedStep: 2 },
    };
    const [, ...again] = eventsOf(2);
    const trace = traceRun([...eventsOf(2), diverged, ...again.slice(again.length / 2)]);
    expect(trace.steps.map((one) => one.step)).toEqual([1, 2, 3, 4]);
    expect(trace.windows.map(({ window }) => window)).toEqual([0, 1]);
    expect(trace.steps.at(-1)).toMatchObject({ tokens: 128 });
    // Two steps of 100 ms before it, two after it; the two between them do not count.
    expect(trace.steps.at(-1)?.seconds).toBeCloseTo(0.4);
  });
});

describe('thinning', () => {
  it('keeps every step in exactly one bin, its mean between the lowest and the highest', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 20, noNaN: true }), { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 40 }),
        (losses, most) => {
          const steps = losses.map((loss, index) => step(index, loss));
          const size = binSize(steps.length, most);
          const bins = binLosses(steps, size);
          expect(bins.length).toBeLessThanOrEqual(most);
          expect(bins[0]?.from).toBe(1);
          expect(bins.at(-1)).toMatchObject({ step: steps.length, tokens: 10 * steps.length });
          bins.forEach(({ from, low, high, loss }, index) => {
            if (index > 0) expect(from).toBe((bins[index - 1]?.step ?? 0) + 1);
            expect(low).toBeLessThanOrEqual((loss as number) + 1e-9);
            expect(high).toBeGreaterThanOrEqual((loss as number) - 1e-9);
          });
        },
      ),
    );
  });

  it('leaves losses out that were not finite', () => {
    const steps = [step(0, 2), step(1, Number.NaN), step(2, 4), step(3, Number.NaN)];
    expect(binLosses(steps, 2).map(({ loss }) => loss)).toEqual([2, 4]);
    expect(binLosses(steps, 1).map(({ loss }) => loss)).toEqual([2, null, 4, null]);
    expect(smoothed([2, null, 4, null, null], 2)).toEqual([2, 2, 4, 4, null]);
  });

  it('keeps the last item', () => {
    expect(everyNth([0, 1, 2, 3, 4, 5, 6], 3)).toEqual({ kept: [0, 3, 6], every: 3 });
    expect(everyNth([0, 1, 2, 3, 4], 3)).toEqual({ kept: [0, 2, 4], every: 2 });
    expect(everyNth([0, 1], 3)).toEqual({ kept: [0, 1], every: 1 });
  });
});

describe('bands over seeds', () => {
  it('are mean, lowest and highest of the running means at steps that all seeds have', () => {
    const curve = (seed: number, losses: readonly number[]) => ({
      ...{ controller: 'none', seed },
      bins: binLosses(
        losses.map((loss, index) => ({ ...step(index, loss), seconds: seed * (index + 1) })),
        1,
      ),
    });
    const bands = lossBands([curve(1, [4, 2, 9]), curve(3, [6, 6])], 2);
    expect(bands.map(({ mean, low, high, seconds }) => [mean, low, high, seconds])).toEqual([
      [5, 4, 6, 2],
      // Running means 3 and 6.
      [4.5, 3, 6, 4],
    ]);
  });
});
