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

  it.each([0, 0.3])('warms up for a share of what it comes to, %s of it', async (warmup) => {
    const steps = run(objective, { steps: 10, warmup });
    const budget = { kind: 'flops', amount: 10 * UNTIED } as const;
    const flops = run(objective, { steps: 20, warmup, budget });
    await Promise.all([steps.trainer.run(), flops.trainer.run()]);
    const rates = ({ events }: typeof steps): number[] =>
      events.flatMap((event) => (event.type === 'step.completed' ? [event.learningRate] : []));
    // Before the first step nobody knows what one costs: until then the configured steps stand for all.
    expect(rates(flops)[0]).toBeCloseTo(0.01 / (20 * warmup + 1), 12);
    expect(rates(flops).slice(1)).toEqual(rates(steps).slice(1));
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

describe('what is measured', () => {
  /** A step sees 4 x 6 targets. */
  const STEP = 24;
  const COST = { tokens: 40, flops: 1000 };

  /** A run that measures once in each window, for the controller, and another time for its reward. */
  const measuring = (options: Parameters<typeof createRun>[1]): TestRun => {
    const made = run(objective, { window: 2, ...options });
    const measured = { kind: 'hidden-cka', layers: 3, values: [0, 0, 0], ...COST } as const;
    made.bus.handle({
      ...{ type: 'window.opened', phase: 'decide', name: 'asks' },
      handle: ({ window }, publish) => publish({ type: 'layers.measured', window, ...measured }),
    });
    made.bus.handle({
      ...{ type: 'window.closed', phase: 'measure', name: 'rewards' },
      handle: ({ window }, publish) => {
        const reward = { reward: 0, raw: 0, saturated: false };
        publish({ type: 'reward.measured', window, ...reward, tokens: 8, flops: 200 });
      },
    });
    return made;
  };
  const spentOf = ({ events }: TestRun): unknown[] =>
    events.flatMap((event) => (event.type === 'step.completed' ? [event.spent] : []));

  it('is spent of a budget of tokens like training', async () => {
    const made = measuring({ budget: { kind: 'tokens', amount: 240 }, steps: 10, stepTokens: STEP });
    // A window of two steps takes 40 + 48 + 8: 96, 192, and 40 leave 8 for one more step, which is taken whole.
    const { step, tokens, measuring: took } = await made.trainer.run();
    expect({ step, tokens, took }).toEqual({
      ...{ step: 5, tokens: 5 * STEP },
      took: { tokens: 3 * 40 + 3 * 8, flops: 3 * 1200 },
    });
    expect(spentOf(made)).toEqual([64, 88, 160, 184, 240].map((spent) => spent / 240));
    const closed = made.events.filter((event) => event.type === 'window.closed');
    expect(closed.map(({ progress, truncated }) => [progress, truncated])).toEqual([
      [88 / 240, false],
      [184 / 240, false],
      [1, true],
    ]);
  });

  it('is spent of a budget of FLOPs like training', async () => {
    const made = measuring({ budget: { kind: 'flops', amount: 6 * UNTIED } });
    // 5400: 1000 + 1800 + 200, then 1000 and one step of 900, which leave 500 for another one.
    const { step, flops, measuring: took } = await made.trainer.run();
    expect({ step, flops, took }).toEqual({
      ...{ step: 4, flops: 4 * UNTIED },
      took: { tokens: 96, flops: 2400 },
    });
    expect(spentOf(made)).toEqual([1900, 2800, 4900, 5400].map((spent) => spent / 5400));
  });

  it('is counted beside a budget of steps, which it leaves alone', async () => {
    const silent = run(objective, { window: 2, steps: 6 });
    const made = measuring({ steps: 6 });
    const without = await silent.trainer.run();
    expect(without.measuring).toEqual({ tokens: 0, flops: 0 });
    expect(await made.trainer.run()).toEqual({ ...without, measuring: { tokens: 144, flops: 3600 } });
    expect(spentOf(made)).toEqual(new Array(6).fill(undefined));
    const steps = ({ events }: TestRun) => events.filter(({ type }) => type === 'step.completed');
    expect(steps(made)).toEqual(steps(silent));
  });

  it('never takes the step of a window away, and a budget that is too small for it ends', async () => {
    for (const kind of ['tokens', 'flops'] as const) {
      const made = measuring({ budget: { kind, amount: 30 }, steps: 2, stepTokens: STEP });
      expect(await made.trainer.run()).toMatchObject({ outcome: 'completed', step: 1 });
    }
  });

  it.each(['tokens', 'flops'] as const)(
    'goes on exactly with what a run that was stopped had spent of its %s',
    async (kind) => {
      const options = {
        budget: { kind, amount: kind === 'tokens' ? 480 : 20 * UNTIED },
        ...{ steps: 20, stepTokens: STEP, window: 3 },
      } as const;
      const whole = measuring(options);
      const result = await whole.trainer.run();
      for (const at of [3, 5]) {
        const stop = new AbortController();
        const first = measuring({ ...options, signal: stop.signal });
        first.bus.events$.subscribe((event) => {
          if (event.type === 'step.completed' && event.step === at) stop.abort();
        });
        await first.trainer.run();
        const second = measuring(options);
        second.trainer.restore(JSON.parse(JSON.stringify(first.trainer.snapshot())) as never);
        expect(await second.trainer.run()).toEqual(result);
        const rates = ({ events }: TestRun): number[] =>
          events.flatMap((event) => (event.type === 'step.completed' ? [event.learningRate] : []));
        expect([...rates(first), ...rates(second)]).toEqual(rates(whole));
      }
    },
  );

  it('had no place in checkpoints of before: it begins at nothing', async () => {
    const { trainer } = run(objective, { steps: 3 });
    const { measuring: _none, ...older } = trainer.snapshot() as Record<string, unknown>;
    trainer.restore(older as never);
    expect(trainer.snapshot()).toMatchObject({ measuring: { tokens: 0, flops: 0 } });
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

  it('neither rises by what is measured, whenever that is, and comes to the floor', () => {
    const step = fc.record({ flops: fc.integer({ min: 1, max: 1000 }), measured: fc.nat(2000) });
    fc.assert(
      fc.property(
        fc.constantFrom('tokens' as const, 'flops' as const),
        fc.array(step, { minLength: 1, maxLength: 40 }),
        fc.nat(10),
        fc.integer({ min: 1, max: 20_000 }),
        (kind, taken, warmup, amount) => {
          const limits = { steps: Math.ceil(amount / 24), stepTokens: 24, budget: { kind, amount } };
          const budget = new Budget(limits);
          let [rate, share] = [1, 0];
          for (const [at, { flops, measured }] of taken.entries()) {
            budget.addMeasuring({ tokens: measured, flops: measured });
            expect(budget.share(at)).toBeGreaterThanOrEqual(share - 1e-12);
            share = budget.share(at);
            const next = learningRateAt(at, schedule(budget.expectedSteps(at), warmup));
            expect(next).toBeGreaterThanOrEqual(Math.min(0.1, 1 / (warmup + 1)));
            if (at > warmup) expect(next).toBeLessThanOrEqual(rate + 1e-12);
            if (budget.isSpent(at)) {
              if (at > warmup) expect(next).toBeCloseTo(0.1, 12);
              break;
            }
            rate = next;
            budget.addFlops(flops);
          }
        },
      ),
    );
  });
});
