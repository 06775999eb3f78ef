/** Rewards worked out by hand, and the process that measures them. */
import { createEventBus, createRunContainer, PluginHost, TOKENS } from '@ligature/core';
import type { LigatureEvent, Metric, ProbeMeasurement, Reward, RewardProbe, Task } from '@ligature/core';
import plugin, {
  createLogPerplexityImprovement,
  createMetricImprovement,
  createNegativePerplexity,
  RewardProcess,
} from '@ligature/evaluators';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closed } from './support/events.js';

const probe = (nats: number, better: 'lower' | 'higher' = 'lower'): RewardProbe => ({
  window: 0,
  losses: [],
  heldOutLoss: () => Promise.resolve(nats),
  heldOutMetric: (name = 'first') => Promise.resolve({ metric: { name, unit: '', better }, value: nats }),
});
const context = createRunContainer();
const task = { name: 'toy', metrics: [metric('score', 'higher'), metric('error', 'lower')] };

function metric(name: string, better: 'lower' | 'higher'): Metric {
  return { name, unit: '', better, fold: () => ({ add: () => undefined, finish: () => 0 }) };
}
const rewards = async (reward: Reward, nats: number[]): Promise<number[]> => {
  const out: number[] = [];
  for (const value of nats) out.push((await reward.measure(probe(value))).reward);
  return out;
};

describe('negative-perplexity', () => {
  it('is minus the perplexity, unclipped by default', async () => {
    const host = new PluginHost().register(plugin);
    const reward = await host.create('rewards', 'negative-perplexity', {}, context);
    const found = await reward.measure(probe(Math.log(250)));
    expect(found.raw).toBeCloseTo(-250, 9);
    expect(found).toMatchObject({ reward: found.raw, saturated: false });
  });

  it('clips at 10 as the official code does, and says so', async () => {
    const reward = createNegativePerplexity(10);
    expect(await reward.measure(probe(Math.log(250)))).toMatchObject({ reward: -10, saturated: true });
    expect(await reward.measure(probe(Math.log(8)))).toMatchObject({ saturated: false });
    // Exactly at the bound nothing is lost.
    expect(await createNegativePerplexity(1).measure(probe(0))).toEqual({
      reward: -1,
      raw: -1,
      saturated: false,
    });
  });
});

describe('log-perplexity-improvement', () => {
  it('compares with an exponential average that starts at the first window', async () => {
    const reward = createLogPerplexityImprovement({ decay: 0.5, clip: null });
    // Baselines: none, 6, 5, 4.5: after 4 it is (6 + 4) / 2, after 4 again (5 + 4) / 2.
    expect(await rewards(reward, [6, 4, 4, 5])).toEqual([0, 2, 1, -0.5]);
  });

  it('compares with the window before when nothing is remembered', async () => {
    const reward = createLogPerplexityImprovement({ decay: 0, clip: null });
    expect(await rewards(reward, [6, 4, 5, 5])).toEqual([0, 2, -1, 0]);
  });

  it('clips the reward and not the baseline', async () => {
    const reward = createLogPerplexityImprovement({ decay: 0, clip: 1 });
    expect(await reward.measure(probe(6))).toEqual({ reward: 0, raw: 0, saturated: false });
    expect(await reward.measure(probe(3))).toEqual({ reward: 1, raw: 3, saturated: true });
    expect(await reward.measure(probe(3.5))).toEqual({ reward: -0.5, raw: -0.5, saturated: false });
  });

  it('goes on exactly where a snapshot was taken, through JSON', async () => {
    const losses = fc.array(fc.double({ min: 0, max: 12, noNaN: true }), { minLength: 1, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(losses, fc.nat(10), async (nats, cut) => {
        const make = (): Reward => createLogPerplexityImprovement({ decay: 0.7, clip: null });
        const [whole, first, second] = [make(), make(), make()];
        const expected = await rewards(whole, nats);
        const before = await rewards(first, nats.slice(0, cut));
        second.restore(JSON.parse(JSON.stringify(first.snapshot())) as null);
        expect([...before, ...(await rewards(second, nats.slice(cut)))]).toEqual(expected);
      }),
    );
  });

  it.each([Number.NaN, Infinity])('shows a loss of %d at once, also in the first window', async (nats) => {
    const reward = createLogPerplexityImprovement({ decay: 0.5, clip: null });
    expect((await reward.measure(probe(nats))).raw).toBeNaN();
  });

  it.each([null, 3, {}, { baseline: 'x' }, { baseline: NaN }])('refuses the state %o', (state) => {
    const reward = createLogPerplexityImprovement({ decay: 0, clip: null });
    expect(() => reward.restore(state)).toThrow(expect.objectContaining({ code: 'reward-state-invalid' }));
  });
});

describe('metric-improvement', () => {
  const pass = async (better: 'lower' | 'higher', values: number[]): Promise<number[]> => {
    const reward = createMetricImprovement({ metric: null, decay: 0, clip: null });
    const out: number[] = [];
    for (const value of values) out.push((await reward.measure(probe(value, better))).reward);
    return out;
  };

  it('is positive for getting better, whichever way that is', async () => {
    expect(await pass('higher', [0.25, 0.5, 0.25])).toEqual([0, 0.25, -0.25]);
    expect(await pass('lower', [0.25, 0.5, 0.25])).toEqual([0, -0.25, 0.25]);
  });

  it('takes the metric that it is told, and the direction that the task declares for it', async () => {
    const published: number[] = [];
    for (const name of ['score', 'error']) {
      const bus = createEventBus();
      bus.on('reward.measured').subscribe(({ reward }) => published.push(reward));
      const reward = createMetricImprovement({ metric: name, decay: 0, clip: null });
      const values = [0.5, 0.75];
      const measure = (window: number): Promise<ProbeMeasurement> => {
        const value = values[window]!;
        return Promise.resolve({ loss: 0, metrics: { score: value, error: value } });
      };
      new RewardProcess(bus, reward, measure, task).attach();
      for (const window of [0, 1]) await bus.publish(closed(window, 1));
      await bus.idle();
    }
    expect(published).toEqual([0, 0.25, 0, -0.25]);
  });

  it('refuses a metric that the task has not', async () => {
    const bus = createEventBus();
    const reward = createMetricImprovement({ metric: 'scorre', decay: 0, clip: null });
    new RewardProcess(bus, reward, () => Promise.resolve({ loss: 0, metrics: {} }), task).attach();
    await expect(bus.publish(closed(0, 1))).rejects.toMatchObject({
      cause: { code: 'metric-unknown', message: expect.stringContaining('Did you mean "score"?') as string },
    });
  });
});

it.each([0, -1])('the clip %d is refused', async (clip) => {
  const host = new PluginHost().register(plugin);
  for (const name of ['negative-perplexity', 'log-perplexity-improvement', 'metric-improvement']) {
    await expect(host.create('rewards', name, { clip }, context)).rejects.toThrow('clip');
  }
});

describe('RewardProcess', () => {
  const asking: Reward = {
    ...createNegativePerplexity(null),
    // Asks twice, as a plug-in may.
    measure: async (probe) => {
      const reward = (await probe.heldOutLoss()) + (await probe.heldOutLoss());
      return { reward, raw: reward, saturated: false };
    },
  };

  it('publishes the reward of each window after the window, and measures once', async () => {
    const bus = createEventBus();
    const [seen, asked]: [LigatureEvent[], number[]] = [[], []];
    bus.events$.subscribe((event) => seen.push(event));
    const measure = (window: number): Promise<ProbeMeasurement> => {
      asked.push(window);
      return Promise.resolve({ loss: window + 0.5, metrics: {} });
    };
    const detach = new RewardProcess(bus, asking, measure, task).attach();
    await bus.publish(closed(0, 3));
    await bus.publish(closed(1, 2));
    await bus.idle();
    detach();
    await bus.publish(closed(2, 1));
    expect(asked).toEqual([0, 1]);
    expect(seen.map((event) => [event.type, 'window' in event && event.window])).toEqual([
      ['window.closed', 0],
      ['reward.measured', 0],
      ['window.closed', 1],
      ['reward.measured', 1],
      ['window.closed', 2],
    ]);
    expect(seen[3]).toEqual({ type: 'reward.measured', window: 1, reward: 3, raw: 3, saturated: false });
  });

  it('is built by a container from its tokens', async () => {
    const container = createRunContainer();
    const bus = container.provide(TOKENS.bus, createEventBus());
    container.provide(TOKENS.reward, createNegativePerplexity(null));
    container.provide(TOKENS.probe, () => Promise.resolve({ loss: 0, metrics: {} }));
    container.provide(TOKENS.task, task as unknown as Task);
    const rewards: number[] = [];
    bus.on('reward.measured').subscribe(({ reward }) => rewards.push(reward));
    container.build(RewardProcess).attach();
    await bus.publish(closed(0, 1));
    await bus.idle();
    expect(rewards).toEqual([-1]);
  });

  it('stops the run at a reward that is no number', async () => {
    const bus = createEventBus();
    // exp(800) is Infinity.
    const measure = () => Promise.resolve({ loss: 800, metrics: {} });
    new RewardProcess(bus, createNegativePerplexity(10), measure, task).attach();
    await expect(bus.publish(closed(0, 1))).rejects.toMatchObject({ cause: { code: 'reward-not-finite' } });
  });
});
