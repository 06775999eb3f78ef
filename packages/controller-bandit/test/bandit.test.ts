import { createRandomStream, InputError, isCanonical } from '@ligature/core';
import type { Snapshot, TieMap } from '@ligature/core';
import { playWorld, randomControl, worldContext, worldObservation } from '@ligature/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { banditOptionsSchema, createBandit } from '../src/index.js';
import type { BanditOptionsInput } from '../src/index.js';

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const bandit = (layers: number, options: BanditOptionsInput = {}, seed = 1) =>
  createBandit(options, worldContext(layers, seed));
const blocks = (map: TieMap): number => -Math.abs(new Set(map).size - 3);

describe('two layers are a two-armed bandit', () => {
  // Tied pays 1 with probability 0.3, independent with 0.7.
  const pulls = async (options: BanditOptionsInput, windows: number): Promise<number> => {
    const worse: number[] = [];
    for (let seed = 1; seed <= 20; seed += 1) {
      const luck = createRandomStream(seed, 'luck');
      const reward = (map: TieMap) => (luck.uniform() < (map[1] === 1 ? 0.7 : 0.3) ? 1 : 0);
      const { maps } = await playWorld(bandit(2, options, seed), { layers: 2, windows, seed, reward });
      worse.push(maps.filter((map) => map[1] === 0).length);
    }
    return mean(worse);
  };

  it.each(['flat', 'hierarchical'] as const)(
    'UCB1 pulls the worse arm as seldom as theorem 1 of Auer et al. promises, and no less than it must: %s',
    async (arms) => {
      const windows = 2000;
      const ucb1 = { arms, discount: 1, exploration: Math.SQRT2, rewards: 'raw' } as const;
      const worse = await pulls(ucb1, windows);
      // 8 ln n / gap^2 + 1 + pi^2 / 3 = 384.3; Lai & Robbins 1985: ln n / KL(0.3, 0.7) = 22.4 in the limit.
      expect(worse).toBeLessThan((8 * Math.log(windows)) / 0.4 ** 2 + 1 + Math.PI ** 2 / 3);
      expect(worse).toBeGreaterThan(22.4);
    },
  );

  it('finds out when the arms change places, if it forgets', async () => {
    const after = async (options: BanditOptionsInput): Promise<number> => {
      const reward = (map: TieMap, window: number) => ((map[1] === 1) === window < 400 ? 1 : 0);
      const all = { rewards: 'raw', exploration: 0.5, ...options } as const;
      const { rewards } = await playWorld(bandit(2, all), { layers: 2, windows: 500, reward });
      return mean(rewards.slice(-100));
    };
    expect(await after({ discount: 0.95 })).toBeGreaterThan(0.8);
    expect(await after({ discount: 1, window: 30 })).toBeGreaterThan(0.8);
    expect(await after({ discount: 1 })).toBeLessThan(0.3);
  });
});

describe('against the random control', () => {
  it.each([{}, { policy: 'thompson' }, { arms: 'hierarchical' }] satisfies BanditOptionsInput[])(
    'earns more in 320 windows of 8 layers, on every seed: %o',
    async (options) => {
      for (const seed of [1, 2, 3, 4, 5]) {
        const world = { layers: 8, windows: 320, seed, reward: blocks };
        const learned = mean((await playWorld(bandit(8, options, seed), world)).rewards.slice(-80));
        const control = mean((await playWorld(randomControl, world)).rewards.slice(-80));
        expect(learned, `seed ${seed}`).toBeGreaterThan(control + 0.1);
      }
    },
  );

  it('earns more in the 80 windows of the default run, over 40 seeds', async () => {
    const gains: number[] = [];
    for (let seed = 1; seed <= 40; seed += 1) {
      const world = { layers: 8, windows: 80, seed, reward: blocks };
      const learned = (await playWorld(bandit(8, {}, seed), world)).rewards.slice(-20);
      gains.push(mean(learned) - mean((await playWorld(randomControl, world)).rewards.slice(-20)));
    }
    const error = Math.sqrt(mean(gains.map((gain) => (gain - mean(gains)) ** 2)) / 39);
    expect(mean(gains)).toBeGreaterThan(4 * error);
  });
});

describe('rewards', () => {
  it('decide the same whatever their scale and origin, when standardised', async () => {
    const maps = async (scale: number, origin: number) =>
      (await playWorld(bandit(6), { layers: 6, windows: 120, reward: (map) => scale * blocks(map) + origin }))
        .maps;
    // Powers of two and no rounding: equal, not nearly.
    expect(await maps(1024, 0)).toEqual(await maps(1, 0));
    expect(await maps(1, -64)).toEqual(await maps(1, 0));
  });

  it('that are no numbers are not learned from', async () => {
    const controller = bandit(4);
    const before = controller.snapshot();
    await playWorld(controller, { layers: 4, windows: 9, reward: () => NaN });
    expect(controller.snapshot()).toEqual(before);
  });
});

describe('decisions', () => {
  it('name owners of blocks, with a value for every source', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 9 }),
        fc.constantFrom('flat' as const, 'hierarchical' as const),
        fc.nat(),
        async (layers, arms, seed) => {
          const world = { layers, windows: 30, seed, reward: blocks };
          const { decisions, maps } = await playWorld(bandit(layers, { arms }, seed), world);
          maps.forEach((map) => expect(isCanonical(map)).toBe(true));
          decisions.forEach((decision, window) => {
            if (decision.kind !== 'layer') throw new Error('one layer a window');
            const before = maps[window - 1];
            if (before && decision.source < decision.layer)
              expect(before[decision.source]).toBe(decision.source);
            expect(decision.notes?.values).toHaveLength(decision.layer + 1);
          });
        },
      ),
      { numRuns: 50 },
    );
  });

  it('keep a stack of one layer as it is', () => {
    expect(bandit(1).decide!(worldObservation(0, [0]), createRandomStream(1, 'policy'))).toEqual({
      kind: 'keep',
    });
  });
});

describe('state', () => {
  it('goes on exactly where a snapshot was taken', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<BanditOptionsInput>({}, { policy: 'thompson' }, { discount: 1, window: 4 }),
        fc.integer({ min: 0, max: 40 }),
        async (options, windows) => {
          const straight = bandit(5, options);
          await playWorld(straight, { layers: 5, windows, reward: blocks });
          const saved = JSON.parse(JSON.stringify(straight.snapshot())) as Snapshot;
          const resumed = bandit(5, options, 9);
          resumed.restore(saved);
          const world = { layers: 5, windows: 20, from: windows, seed: 2, reward: blocks };
          expect(await playWorld(resumed, world)).toEqual(await playWorld(straight, world));
          expect(resumed.snapshot()).toEqual(straight.snapshot());
        },
      ),
      { numRuns: 30 },
    );
  });

  it.each<[string, BanditOptionsInput, number]>([
    ['of another depth', {}, 5],
    ['of other arms', { arms: 'hierarchical' }, 4],
    ['with a window that is not asked for', { discount: 1, window: 3 }, 4],
  ])('%s is refused', async (_, options, layers) => {
    const other = bandit(layers, options);
    await playWorld(other, { layers, windows: 6, reward: blocks });
    expect(() => bandit(4).restore(other.snapshot())).toThrow(
      expect.objectContaining({ code: 'controller-state-mismatch' }),
    );
  });
});

describe('options', () => {
  it('are refused when they make no sense', () => {
    for (const options of [{ policy: 'greedy' }, { exploration: -1 }, { window: 5 }, { arm: 'flat' }]) {
      expect(() => bandit(4, options as BanditOptionsInput), JSON.stringify(options)).toThrow(InputError);
    }
    expect(() => bandit(4, { initial: [0, 2, 2, 3] })).toThrow('a later layer');
    expect(bandit(4, { initial: '0-0-2-2' }).initial?.(4)).toEqual([0, 0, 2, 2]);
    expect(bandit(4).initial).toBeUndefined();
  });

  it('describe every one of themselves', () => {
    for (const [name, schema] of Object.entries(banditOptionsSchema.shape))
      expect(schema.description, name).toMatch(/\w/);
  });
});
