import { createRandomStream, independentLayers, isCanonical } from '@ligature/core';
import type { Snapshot, TieMap } from '@ligature/core';
import { playWorld, worldContext, worldObservation } from '@ligature/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHalving, drawCandidates, halvingOptionsSchema } from '../src/index.js';
import type { HalvingOptionsInput } from '../src/index.js';

const halving = (layers: number, options: HalvingOptionsInput = {}, seed = 1) =>
  createHalving(options, worldContext(layers, seed));
/** The candidates of that controller. */
const candidatesOf = (layers: number, seed: number, count = 16): string[] =>
  drawCandidates(count, layers, worldContext(layers, seed).random).map(String);
const blocksOf = (map: TieMap): number => independentLayers(map).length;

describe('candidates', () => {
  it('are all maps of a stack that has no more', () => {
    // Bell numbers: 1, 2, 5, 15, 52.
    for (const [layers, maps] of [
      [1, 1],
      [2, 2],
      [3, 5],
      [4, 15],
    ] as const) {
      expect(new Set(candidatesOf(layers, 1)).size).toBe(maps);
    }
    expect(new Set(candidatesOf(5, 1, 52)).size).toBe(52);
  });

  it('have numbers of blocks from one to all, evenly', () => {
    const blocks = drawCandidates(16, 48, createRandomStream(1, 'x')).map(blocksOf);
    // 1 + round(47 i / 15)
    expect(blocks).toEqual([1, 4, 7, 10, 14, 17, 20, 23, 26, 29, 32, 35, 39, 42, 45, 48]);
  });

  it('are distinct and canonical at any depth', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 24 }),
        fc.integer({ min: 1, max: 40 }),
        fc.nat(),
        (layers, count, seed) => {
          const maps = drawCandidates(count, layers, createRandomStream(seed, 'x'));
          expect(new Set(maps.map(String)).size).toBe(maps.length);
          for (const map of maps) expect(map.length === layers && isCanonical(map)).toBe(true);
          // Bell(5) = 52: from there on there are enough.
          if (layers >= 5) expect(maps).toHaveLength(count);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('rounds', () => {
  const play = (windows: number, reward: (map: TieMap, window: number) => number, seed = 1) =>
    playWorld(halving(8, {}, seed), { layers: 8, windows, seed, reward });

  it('give every map that is left two windows in a row, halve them, and stay with the last', async () => {
    const { maps, decisions } = await play(80, (map) => -Math.abs(blocksOf(map) - 3));
    expect(decisions.slice(0, 8).map(({ kind }) => kind)).toEqual(new Array(8).fill('keep'));
    let from = 8;
    let before = new Set(candidatesOf(8, 1));
    for (const left of [16, 8, 4, 2]) {
      const pairs = Array.from({ length: left }, (_, at) =>
        maps.slice(from + 2 * at, from + 2 * at + 2).map(String),
      );
      for (const [first, second] of pairs) expect(first).toBe(second);
      const visited = new Set(pairs.map(([first]) => first!));
      expect(visited.size).toBe(left);
      for (const map of visited) expect(before.has(map)).toBe(true);
      before = visited;
      from += 2 * left;
    }
    // 8 + 2 (16 + 8 + 4 + 2) = 68
    expect(from).toBe(68);
    expect(new Set(maps.slice(68).map(String)).size).toBe(1);
    expect(decisions.slice(8).map(({ notes }) => notes?.explored)).toEqual([
      ...new Array<boolean>(60).fill(true),
      ...new Array<boolean>(12).fill(false),
    ]);
  });

  it('keep the better half, rounded up, by the mean', async () => {
    // Of 5 candidates the ranks are 0 (best) to 4; 3, then 2, then 1 are left.
    const ranks = candidatesOf(3, 1);
    const rank = (map: TieMap): number => ranks.indexOf(String(map));
    const controller = halving(3, { warmup: 0, visits: 1 });
    const { maps } = await playWorld(controller, { layers: 3, windows: 11, reward: (map) => -rank(map) });
    const seen = (from: number, to: number) => maps.slice(from, to).map(rank).sort();
    expect([seen(0, 5), seen(5, 8), seen(8, 10), seen(10, 11)]).toEqual([
      [0, 1, 2, 3, 4],
      [0, 1, 2],
      [0, 1],
      [0],
    ]);
  });

  it('come in a new order each, another one for another seed', async () => {
    // The 15 maps of 4 layers, and then the first 8 of them.
    const ranks = candidatesOf(4, 1);
    const reward = (map: TieMap): number => -ranks.indexOf(String(map));
    const ordersOf = async (seed: number) => {
      const controller = halving(4, { warmup: 0, visits: 1 });
      const { maps } = await playWorld(controller, { layers: 4, windows: 23, seed, reward });
      return [maps.slice(0, 15).map(String), maps.slice(15).map(String)] as const;
    };
    const [first, second] = await ordersOf(1);
    expect([...second].sort()).toEqual(ranks.slice(0, 8).sort());
    expect(first.filter((map) => second.includes(map))).not.toEqual(second);
    expect((await ordersOf(2))[0]).not.toEqual(first);
  });

  it('count their own rewards only: what the model earned earlier, it does not earn any more', async () => {
    // 0 to 7 win the first round, with large rewards; among them the ranks are turned over in the second.
    const ranks = candidatesOf(8, 1);
    const rank = (map: TieMap): number => ranks.indexOf(String(map));
    const { maps } = await play(64, (map, window) => (window < 40 ? 1000 - rank(map) : rank(map)));
    expect(new Set(maps.slice(56, 64).map(rank))).toEqual(new Set([4, 5, 6, 7]));
  });

  it('take a reward that is no number for none, and a map without any for the worst', async () => {
    const ranks = candidatesOf(2, 1);
    const reward = (map: TieMap, window: number): number =>
      String(map) === ranks[0] ? NaN : window % 2 === 0 ? -5 : NaN;
    const { maps } = await playWorld(halving(2, { warmup: 0 }), { layers: 2, windows: 6, reward });
    expect(maps.slice(4).map(String)).toEqual([ranks[1], ranks[1]]);
  });
});

describe('in a world', () => {
  const winners = async (seeds: number, reward: (rank: number, noise: number, window: number) => number) => {
    const won: number[] = [];
    for (let seed = 1; seed <= seeds; seed += 1) {
      const noise = createRandomStream(seed, 'noise');
      const ranks = candidatesOf(8, seed);
      const { maps } = await playWorld(halving(8, {}, seed), {
        ...{ layers: 8, windows: 70, seed },
        reward: (map, window) => reward(ranks.indexOf(String(map)), noise.normal(), window),
      });
      won.push(ranks.indexOf(String(maps.at(-1))));
    }
    return won;
  };

  it('with one best map, two standard deviations above the others, it finds it four times in five', async () => {
    // Means of two windows scatter by 0.71. In the last round the best wins against one other with probability
    // Phi(2 / sqrt(2 / 2)) = 0.977, in the others it must only stay in the better half.
    const won = await winners(
      200,
      (rank, noise, window) => (rank === 5 ? 2 : 0) + noise + Math.exp(-window / 15),
    );
    expect(won.filter((rank) => rank === 5).length / 200).toBeGreaterThan(0.8);
  });

  it('with equal maps, none is preferred', async () => {
    const won = await winners(400, (_, noise) => noise);
    const counts = Array.from({ length: 16 }, (_, rank) => won.filter((one) => one === rank).length);
    const chi = counts.reduce((sum, count) => sum + (count - 25) ** 2 / 25, 0);
    // The 99.9 % point of chi-squared with 15 degrees of freedom, from tables.
    expect(chi).toBeLessThan(37.7);
    expect(await winners(3, () => 0)).toHaveLength(3);
  });

  it('with equal rewards, ties are broken by chance and not by number', async () => {
    const won = await winners(64, () => 0);
    expect(new Set(won).size).toBeGreaterThan(8);
  });
});

describe('decisions', () => {
  it('keep a stack of one layer as it is', async () => {
    const { decisions } = await playWorld(halving(1, { warmup: 0 }), {
      layers: 1,
      windows: 4,
      reward: () => 1,
    });
    expect(decisions).toEqual(new Array(4).fill({ kind: 'keep' }));
  });

  it('fit a stack of 48 layers', async () => {
    const { maps } = await playWorld(halving(48), {
      layers: 48,
      windows: 70,
      reward: (map) => -blocksOf(map),
    });
    expect(blocksOf(maps.at(-1)!)).toBe(1);
  });
});

describe('state', () => {
  it('goes on exactly where a snapshot was taken, also between a decision and its reward', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 70 }), fc.boolean(), async (windows, inside) => {
        const reward = (map: TieMap, window: number) => Math.sin(7 * window) - blocksOf(map) / 4;
        const straight = halving(5);
        await playWorld(straight, { layers: 5, windows, reward });
        if (inside)
          await straight.decide!(worldObservation(windows, [0, 1, 2, 3, 4]), createRandomStream(3, 'policy'));
        const saved = JSON.parse(JSON.stringify(straight.snapshot())) as Snapshot;
        const resumed = halving(5, {}, 9);
        resumed.restore(saved);
        const world = { layers: 5, windows: 30, from: windows, seed: 2, reward };
        expect(await playWorld(resumed, world)).toEqual(await playWorld(straight, world));
        expect(resumed.snapshot()).toEqual(straight.snapshot());
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    ['of another depth', halving(5).snapshot()],
    ['that is none', { candidates: [] }],
    ['with a visit to one that is out', { ...(halving(4).snapshot() as object), left: [0], visits: [3] }],
    ['with a map that is not canonical', { ...(halving(1).snapshot() as object), candidates: [[1]] }],
  ])('%s is refused', (_, state) => {
    const layers = JSON.stringify(state).includes('[[1]]') ? 1 : 4;
    expect(() => halving(layers).restore(state as Snapshot)).toThrow(
      expect.objectContaining({ code: 'controller-state-mismatch' }),
    );
  });
});

describe('options', () => {
  it('are refused when they make no sense', () => {
    for (const options of [{ candidates: 0 }, { visits: 0 }, { warmup: -1 }, { rounds: 3 }]) {
      expect(() => halving(4, options), JSON.stringify(options)).toThrow(
        expect.objectContaining({ code: 'options-invalid' }),
      );
    }
    expect(() => halving(4, { initial: [0, 2, 2, 3] })).toThrow('a later layer');
    expect(halving(4, { initial: '0-0-2-2' }).initial?.(4)).toEqual([0, 0, 2, 2]);
    expect(halving(4).initial).toBeUndefined();
  });

  it('describe every one of themselves', () => {
    for (const [name, schema] of Object.entries(halvingOptionsSchema.shape))
      expect(schema.description, name).toMatch(/\w/);
  });
});
