import '@tensorflow/tfjs-backend-cpu';
import type { LigatureEvent } from '@ligature/core';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { learningRateAt, type Evaluated, type Schedule } from '../src/index.js';
import { Budget } from '../src/budget.js';
import { createRun, type TestRun } from './support.js';
import { createToyObjective, type TokenObjective } from './toy-model.js';

/** 100 FLOPs forward and 100 back for each layer, and 100 more for the gradient of each layer's weights that train. */
const objective: TokenObjective = {
  ...createToyObjective({ layers: 3, width: 5, vocabularySize: 7 }),
  cost: () => ({
    weightFlops: { weight: 100 },
    layerActivationFlops: 0,
    layerActivationBytes: 0,
    globalActivationBytes: 0,
  }),
};
/** Untied: 3 x (100 + 100 + 100). With one layer tied, whose use then takes no gradient: 100 less. */
const [UNTIED, ONE_TIED] = [900, 800];

const open: TestRun[] = [];
const run = (...parts: Parameters<typeof createRun>): TestRun => {
  const made = createRun(...parts);
  open.push(made);
  return made;
};
afterEach(() => {
  for (const { bus, registry } of open.splice(0)) {
    bus.dispose();
    registry.dispose();
  }
});

const withoutSpent = (events: readonly LigatureEvent[]): unknown[] =>
  events.map(({ ...event }) => ({ ...event, spent: undefined }));

describe('a budget of FLOPs', () => {
  it('is a number of steps where each costs the same: the same events, learning rates included', async () => {
    const steps = run(objective, { steps: 7 });
    const flops = run(objective, { budget: { kind: 'flops', amount: 7 * UNTIED } });
    expect(await flops.trainer.run()).toEqual({ ...(await steps.trainer.run()), flops: 7 * UNTIED });
    expect(withoutSpent(flops.events)).toEqual(withoutSpent(steps.events));
    const shares = flops.events.flatMap((event) => (event.type === 'step.completed' ? [event.spent] : []));
    expect(shares).toEqual([1, 2, 3, 4, 5, 6, 7].map((step) => (step * UNTIED) / (7 * UNTIED)));
  });

  it('counts each step under its own tie map, and ends with the one that reaches it', async () => {
    const budget = { kind: 'flops', amount: 5500 } as const;
    const { bus, registry, trainer, events } = run(
      objective,
      { budget, window: 3 },
      { gradient: 'source-only' },
    );
    bus.handle({
      type: 'window.opened',
      phase: 'decide',
      name: 'tie',
      handle: ({ window }) => {
        if (window === 1) registry.apply({ kind: 'map', tieMap: [0, 0, 2] });
      },
    });
    const { step, flops } = await trainer.run();
    // Three steps of 900 are 2700; 2800 more are reached by the fourth of 800, 3200.
    expect({ step, flops }).toEqual({ step: 7, flops: 3 * UNTIED + 4 * ONE_TIED });
    const closed = events.filter((event) => event.type === 'window.closed');
    expect(closed.map(({ losses, truncated }) => [losses.length, truncated])).toEqual([
      [3, false],
      [3, false],
      [1, true],
    ]);
    // As many as the first tie map would take, rounded up.
    expect(events[0]).toMatchObject({ type: 'run.started', steps: 7 });
  });

  it('goes on with what is left of it', async () => {
    const budget = { kind: 'flops', amount: 7 * UNTIED } as const;
    const stop = new AbortController();
    const first = run(objective, { budget, signal: stop.signal });
    first.bus.events$.subscribe((event) => {
      if (event.type === 'step.completed' && event.step === 4) stop.abort();
    });
    expect(await first.trainer.run()).toMatchObject({ outcome: 'stopped', step: 4, flops: 4 * UNTIED });
    const second = run(objective, { budget });
    second.trainer.restore(JSON.parse(JSON.stringify(first.trainer.snapshot())) as never);
    expect(await second.trainer.run()).toMatchObject({ outcome: 'completed', step: 7, flops: 7 * UNTIED });
  });

  it('is refused where steps cost nothing: it would never be spent', async () => {
    const free = createToyObjective({ layers: 3, width: 5, vocabularySize: 7 });
    const { trainer } = run(free, { budget: { kind: 'flops', amount: 1 } });
    await expect(trainer.run()).rejects.toMatchObject({ code: 'budget-uncounted' });
  });
});

describe('a budget of seconds', () => {
  it('counts steps and what surrounds a window, not validations; it knows no number of steps', async () => {
    let clock = 0;
    const evaluate = (): Promise<Evaluated> => {
      clock += 1e9;
      return Promise.resolve({ metrics: {} });
    };
    const budget = { kind: 'seconds', amount: 10 } as const;
    const options = { budget, window: 2, evaluateEvery: 1 };
    const { bus, trainer, batches, events } = run(objective, options, {}, evaluate, { now: () => clock });
    // Two seconds to decide, and one a batch.
    bus.handle({ type: 'window.opened', phase: 'decide', name: 'slow', handle: () => void (clock += 2000) });
    const { next } = batches;
    batches.next = () => {
      clock += 1000;
      return next();
    };
    // 2 + 1 + 1 seconds a window: 4, 8, and 2 for the third use up the time; it takes one step all the same.
    const { step } = await trainer.run();
    expect(events[0]).toMatchObject({ steps: 0 });
    expect(step).toBe(5);
    const spent = events.flatMap((event) => (event.type === 'step.completed' ? [event.spent] : []));
    expect(spent).toEqual([0.3, 0.4, 0.7, 0.8, 1]);
  });

  it('keeps no clock where time is not what is limited', async () => {
    const { trainer } = run(objective, { steps: 2 }, {}, undefined, { now: () => 5 });
    await trainer.run();
    expect(trainer.snapshot()).toMatchObject({ milliseconds: 0, flops: 2 * UNTIED });
  });
});

describe('the learning rate under a budget', () => {
  const schedule = (steps: number, warmup: number): Schedule => ({
    ...{ kind: 'cosine', learningRate: 1, floor: 0.1 },
    ...{ warmup, steps },
  });

  it('never rises after the warm-up and comes to the floor, whatever steps cost', () => {
    const costs = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(costs, fc.nat(20), (flops, warmup) => {
        const amount = flops.reduce((sum, one) => sum + one);
        const budget = new Budget({ steps: 1, budget: { kind: 'flops', amount } });
        const rates: number[] = [];
        flops.forEach((one, step) => {
          expect(budget.isSpent(step)).toBe(false);
          rates.push(learningRateAt(step, schedule(budget.expectedSteps(step), warmup)));
          budget.addFlops(one);
        });
        expect(budget.isSpent(flops.length)).toBe(true);
        const after = rates.slice(warmup);
        for (const [at, rate] of after.slice(1).entries()) {
          expect(rate).toBeLessThanOrEqual((after[at] as number) + 1e-12);
          expect(rate).toBeGreaterThanOrEqual(0.1);
        }
        const last = learningRateAt(flops.length, schedule(budget.expectedSteps(flops.length), warmup));
        if (flops.length > warmup) expect(last).toBeCloseTo(0.1, 12);
      }),
    );
  });
});
