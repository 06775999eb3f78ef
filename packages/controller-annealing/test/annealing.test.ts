import { allTieMaps, createRandomStream, InputError, isCanonical } from '@ligature/core';
import type { Snapshot, TieMap } from '@ligature/core';
import { playWorld, randomControl, worldContext, worldObservation } from '@ligature/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptance, annealingOptionsSchema, createAnnealing, drawMove, moveCount } from '../src/index.js';
import type { AnnealingOptionsInput } from '../src/index.js';

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const annealing = (layers: number, options: AnnealingOptionsInput = {}, seed = 1) =>
  createAnnealing(options, worldContext(layers, seed));
const blocks = (map: TieMap): number => -Math.abs(new Set(map).size - 3);

describe('moves', () => {
  /** Two partitions differ by one layer: without it they are the same. */
  const differByOne = (a: TieMap, b: TieMap): boolean =>
    a.some((_, gone) =>
      a.every((_one, i) =>
        a.every((_other, j) => i === gone || j === gone || (a[i] === a[j]) === (b[i] === b[j])),
      ),
    );

  it('reach every map that differs in one layer, and no other, for all 52 maps of 5 layers', () => {
    const all = [...allTieMaps(5)];
    const random = createRandomStream(1, 'moves');
    for (const map of all) {
      const found = new Set(Array.from({ length: 400 }, () => drawMove(map, random).tieMap.join()));
      const wanted = all.filter((other) => other.join() !== map.join() && differByOne(map, other));
      expect([...found].sort(), map.join()).toEqual(wanted.map((other) => other.join()).sort());
    }
  });

  it('are called by what they do to the number of blocks', () => {
    fc.assert(
      fc.property(fc.nat(202), fc.nat(), (index, seed) => {
        const map = [...allTieMaps(6)][index]!;
        const { kind, tieMap } = drawMove(map, createRandomStream(seed, 'moves'));
        expect(isCanonical(tieMap)).toBe(true);
        const change = new Set(tieMap).size - new Set(map).size;
        expect(change).toBe({ tie: -1, untie: 1, retarget: 0 }[kind]);
      }),
    );
  });

  it('are as many as counted by hand', () => {
    // 0|1|2|3: each of 4 layers to 3 others. 0000: each may leave. 0022: each to the other block, or away.
    expect(
      [
        [0, 1, 2, 3],
        [0, 0, 0, 0],
        [0, 0, 2, 2],
      ].map(moveCount),
    ).toEqual([12, 4, 8]);
  });
});

describe('the law of a constant temperature', () => {
  it("is Boltzmann's: P(map) = exp(reward / T) / Z over the 15 maps of 4 layers", async () => {
    const temperature = { start: 0.8, decay: 1, floor: 0, unit: 'reward' } as const;
    const reward = (map: TieMap): number => -Math.abs(new Set(map).size - 2) + (map[3] === 0 ? 0.5 : 0);
    const controller = annealing(4, { temperature, remeasure: false });
    const random = createRandomStream(2, 'policy');
    const visits = new Map<string, number>();
    const windows = 60_000;
    let tieMap: TieMap = [0, 1, 2, 3];
    let held: TieMap = tieMap;
    for (let window = 0; window < windows; window += 1) {
      const observation = worldObservation(window, tieMap);
      const decision = await controller.decide!(observation, random);
      if (decision.kind !== 'map') throw new Error('a map in every window');
      tieMap = decision.tieMap;
      const outcome = { next: worldObservation(window + 1, tieMap), terminated: false, truncated: false };
      const report = await controller.learn!({ observation, decision, reward: reward(tieMap), ...outcome });
      if (report?.['accepted'] === 1) held = tieMap;
      visits.set(held.join(), (visits.get(held.join()) ?? 0) + 1);
    }
    const maps = [...allTieMaps(4)];
    const weights = maps.map((map) => Math.exp(reward(map) / 0.8));
    const total = weights.reduce((a, b) => a + b);
    maps.forEach((map, at) => {
      const expected = weights[at]! / total;
      // Successive maps are correlated: ten times the variance of independent draws, four deviations.
      const error = 4 * Math.sqrt((10 * expected * (1 - expected)) / windows);
      expect(Math.abs((visits.get(map.join()) ?? 0) / windows - expected), map.join()).toBeLessThan(error);
    });
  });

  it('accepts as Hastings says', () => {
    expect(acceptance(-1, 2, 1)).toBeCloseTo(0.6065306597, 9); // e^(-1/2)
    expect(acceptance(-1, 2, 0.5)).toBeCloseTo(0.3032653299, 9);
    expect([acceptance(1, 2, 1), acceptance(0, 0, 1), acceptance(-1e-9, 0, 9)]).toEqual([1, 1, 0]);
    expect(acceptance(-Infinity, 5, 2)).toBe(0);
  });
});

describe('against the random control', () => {
  it.each([80, 320])('earns more over 40 seeds in %d windows of 8 layers', async (windows) => {
    const gains: number[] = [];
    for (let seed = 1; seed <= 40; seed += 1) {
      const world = { layers: 8, windows, seed, reward: blocks };
      const learned = (await playWorld(annealing(8, {}, seed), world)).rewards.slice(-windows / 4);
      gains.push(mean(learned) - mean((await playWorld(randomControl, world)).rewards.slice(-windows / 4)));
    }
    const error = Math.sqrt(mean(gains.map((gain) => (gain - mean(gains)) ** 2)) / 39);
    expect(mean(gains)).toBeGreaterThan(4 * error);
  });

  it('climbs without ever going down at temperature 0', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.array(fc.nat(9), { minLength: 15, maxLength: 15 }),
        async (seed, heights) => {
          const height = new Map([...allTieMaps(4)].map((map, at) => [map.join(), heights[at]!]));
          const cold = annealing(4, { temperature: { start: 0, floor: 0 } });
          const world = { layers: 4, windows: 60, seed, reward: (map: TieMap) => height.get(map.join())! };
          const { rewards, decisions } = await playWorld(cold, world);
          // Windows without a proposal show the map in hand.
          const held = rewards.filter((_, window) => decisions[window]!.notes === undefined);
          expect(held).toEqual([...held].sort((a, b) => a - b));
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('a reward that falls whatever the map', () => {
  /** How many of 20 seeds hold a map of three blocks after 200 windows. */
  const found = async (remeasure: boolean): Promise<number> => {
    let count = 0;
    for (let seed = 1; seed <= 20; seed += 1) {
      const cold = annealing(6, { remeasure, temperature: { start: 0, floor: 0 } });
      // From one window to the next by nearly as much as a step towards three blocks is worth.
      const reward = (map: TieMap, window: number) => blocks(map) - 0.9 * window;
      await playWorld(cold, { layers: 6, windows: 200, seed, reward });
      const { current } = cold.snapshot() as { current: number[] };
      if (new Set(current).size === 3) count += 1;
    }
    return count;
  };

  it('does not stop it, because the map in hand is measured anew', async () => {
    expect(await found(true)).toBe(20);
    expect(await found(false)).toBeLessThan(16);
  });
});

describe('state', () => {
  it('goes on exactly where a snapshot was taken', async () => {
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.integer({ min: 0, max: 30 }), async (remeasure, windows) => {
        const straight = annealing(5, { remeasure });
        await playWorld(straight, { layers: 5, windows, reward: blocks });
        const saved = JSON.parse(JSON.stringify(straight.snapshot())) as Snapshot;
        const resumed = annealing(5, { remeasure }, 9);
        resumed.restore(saved);
        const world = { layers: 5, windows: 20, from: windows, seed: 2, reward: blocks };
        expect(await playWorld(resumed, world)).toEqual(await playWorld(straight, world));
        expect(resumed.snapshot()).toEqual(straight.snapshot());
      }),
      { numRuns: 30 },
    );
  });

  it.each<[string, Snapshot]>([
    ['nothing', null],
    ['a map of another stack', { current: [0, 1], reward: 0, proposal: null, proposals: 0, typical: 0 }],
    ['a later layer', { current: [0, 2, 2, 3], reward: 0, proposal: null, proposals: 0, typical: 0 }],
    ['a reward of no map', { current: null, reward: 1, proposal: null, proposals: 0, typical: 0 }],
  ])('that is %s is refused', (_, state) => {
    expect(() => annealing(4).restore(state)).toThrow(
      expect.objectContaining({ code: 'controller-state-mismatch' }),
    );
  });

  it('survives rewards that are no numbers', async () => {
    const controller = annealing(4);
    const reward = (_: TieMap, window: number) => (window % 3 === 0 ? 1 : NaN);
    await playWorld(controller, { layers: 4, windows: 20, reward });
    expect(JSON.stringify(controller.snapshot())).not.toContain('NaN');
    expect(() => annealing(4).restore(controller.snapshot())).not.toThrow();
  });
});

describe('options', () => {
  it('are refused when they make no sense', () => {
    for (const options of [{ temperature: { decay: 0 } }, { temperature: { start: -1 } }, { moves: 3 }]) {
      expect(() => annealing(4, options as AnnealingOptionsInput)).toThrow(InputError);
    }
    expect(annealing(4, { initial: '0-0-2-2' }).initial?.(4)).toEqual([0, 0, 2, 2]);
  });

  it('describe every one of themselves', () => {
    for (const [name, schema] of Object.entries(annealingOptionsSchema.shape))
      expect(schema.description, name).toMatch(/\w/);
  });
});
