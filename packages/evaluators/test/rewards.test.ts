/** Rewards worked out by hand, and the process that measures them. */
import { createEventBus, createRunContainer, PluginHost, TOKENS } from '@ligature/core';
import type { LigatureEvent, Reward, RewardProbe } from '@ligature/core';
import plugin, {
  createLogPerplexityImprovement,
  createNegativePerplexity,
  RewardProcess,
} from '@ligature/evaluators';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closed } from './support/events.js';

const probe = (nats: number): RewardProbe => ({
  window: 0,
  losses: [],
  heldOutLoss: () => Promise.resolve(nats),
});
const rewards = async (reward: Reward, nats: number[]): Promise<number[]> => {
  const out: number[] = [];
  for (const value of nats) out.push((await reward.measure(probe(value))).reward);
  return out;
};

describe('negative-perplexity', () => {
  it('is minus the perplexity, unclipped by default', async () => {
    const host = new PluginHost().register(plugin);
    const reward = await host.create('rewards', 'negative-perplexity', {}, {});
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

it.each([0, -1])('the clip %d is refused', async (clip) => {
  const host = new PluginHost().register(plugin);
  for (const name of ['negative-perplexity', 'log-perplexity-improvement']) {
    await expect(host.create('rewards', name, { clip }, {})).rejects.toThrow('clip');
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
    const detach = new RewardProcess(bus, asking, (window) => {
      asked.push(window);
      return Promise.resolve(window + 0.5);
    }).attach();
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
    container.provide(TOKENS.heldOutLoss, () => Promise.resolve(0));
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
    new RewardProcess(bus, createNegativePerplexity(10), () => Promise.resolve(800)).attach();
    await expect(bus.publish(closed(0, 1))).rejects.toMatchObject({ cause: { code: 'reward-not-finite' } });
  });
});
