/** Merging by chance: when, which blocks, and the exact law of the map that is left. */
import {
  allTieMaps,
  contiguousTieMaps,
  createRandomStream,
  independentLayers,
  InputError,
  isContiguous,
  PluginHost,
  sweepPosition,
} from '@ligature/core';
import type { Controller, Observation, RandomStream, TieMap } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import {
  createRandomMerging,
  plugin,
  randomContiguous,
  randomMergingOptionsSchema,
  type RandomMergingOptionsInput,
} from '../src/index.js';
import { lawOf } from './enumerate.js';

const NAMES = ['random-merging', 'random-adjacent-merging'] as const;

const make = (options: RandomMergingOptionsInput, layers: number, adjacent: boolean): Controller =>
  createRandomMerging(options, { layers }, adjacent);

function observe(window: number, windows: number, tieMap: TieMap): Observation {
  return {
    window,
    ...sweepPosition(window, tieMap.length),
    step: 5 * window,
    progress: window / windows,
    layers: tieMap.length,
    component: null,
    tieMap,
    tieMaps: { block: tieMap },
    state: tieMap,
    recentLosses: [],
  };
}

/** The map of every window. */
async function live(controller: Controller, layers: number, windows: number, random: RandomStream) {
  let tieMap = controller.initial!(layers);
  const maps: TieMap[] = [];
  for (let window = 0; window < windows; window += 1) {
    const decision = await controller.decide!(observe(window, windows, tieMap), random);
    if (decision.kind === 'map') tieMap = decision.tieMap;
    maps.push(tieMap);
  }
  return maps;
}

/** The law of the last map, over everything that the stream may give. */
const finalLaw = (options: RandomMergingOptionsInput, layers: number, adjacent: boolean) =>
  lawOf(
    async (random) =>
      (await live(make(options, layers, adjacent), layers, 2 * layers, random)).at(-1) as number[],
  );

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
const binomial = (n: number, k: number): number => factorial(n) / (factorial(k) * factorial(n - k));
const withBlocks = (layers: number, blocks: number): TieMap[] =>
  [...allTieMaps(layers)].filter((map) => independentLayers(map).length === blocks);

/** Kingman 1982: how likely the coalescent of L layers has this map when k blocks are left. */
function kingman(map: TieMap): number {
  const layers = map.length;
  const sizes = independentLayers(map).map((root) => map.filter((one) => one === root).length);
  const k = sizes.length;
  const orders = (factorial(layers - k) * factorial(k) * factorial(k - 1)) / factorial(layers);
  return (orders / factorial(layers - 1)) * sizes.reduce((product, size) => product * factorial(size), 1);
}

function expectLaw(law: ReadonlyMap<string, number>, expected: readonly (readonly [TieMap, number])[]): void {
  expect([...law.keys()].sort()).toEqual(expected.map(([map]) => map.join('-')).sort());
  for (const [map, probability] of expected)
    expect(law.get(map.join('-')), map.join('-')).toBeCloseTo(probability, 12);
}

describe('which map is left', () => {
  it.each([
    [4, 1],
    [4, 2],
    [5, 2],
    [5, 3],
    [6, 4],
  ])('random blocks, %d layers to %d: as the coalescent has it, exactly', async (layers, blocks) => {
    const law = await finalLaw({ blocks }, layers, false);
    expectLaw(
      law,
      withBlocks(layers, blocks).map((map) => [map, kingman(map)]),
    );
  });

  it('is by hand, of 4 layers and 2 blocks: three and one 1/6 each, two and two 1/9 each', () => {
    // First of 6 pairs, then of 3: 18 ways. Three and one: 3 first pairs of the three, then 1; two and two: 2 first pairs, then 1.
    expect(kingman([0, 0, 0, 3])).toBeCloseTo(3 / 18, 12);
    expect(kingman([0, 0, 2, 2])).toBeCloseTo(2 / 18, 12);
  });

  it.each([
    [4, 2],
    [6, 3],
    [7, 4],
  ])('neighbours, %d layers to %d: every contiguous map equally often, exactly', async (layers, blocks) => {
    const law = await finalLaw({ blocks }, layers, true);
    expectLaw(
      law,
      withBlocks(layers, blocks)
        .filter(isContiguous)
        .map((map) => [map, 1 / binomial(layers - 1, blocks - 1)]),
    );
  });

  it('is the law of a fixed contiguous map, which is drawn at once', async () => {
    for (const [layers, blocks] of [
      [6, 3],
      [8, 4],
      [5, 5],
      [5, 1],
    ] as const) {
      const law = await lawOf((random) => randomContiguous(layers, blocks, random));
      const maps = [...contiguousTieMaps(layers, blocks)];
      expect(maps).toHaveLength(binomial(layers - 1, blocks - 1));
      expectLaw(
        law,
        maps.map((map) => [map, 1 / maps.length]),
      );
    }
  });
});

describe('when', () => {
  const blocksOf = (maps: readonly TieMap[]): number[] => maps.map((map) => independentLayers(map).length);

  it.each([true, false])('starts untied and follows the schedule (neighbours: %s)', async (adjacent) => {
    const controller = make({ blocks: 4, from: 0.1, until: 0.5 }, 8, adjacent);
    expect(controller.initial!(8)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    const maps = await live(controller, 8, 20, createRandomStream(3, 'policy'));
    // Windows begin at 0, 0.05, 0.1, ...: merges at 0.2, 0.3, 0.4 and 0.5.
    expect(blocksOf(maps).join('')).toBe('88887766554444444444');
  });

  it('merges several at once where windows are long', async () => {
    const maps = await live(make({ blocks: 2 }, 8, true), 8, 2, createRandomStream(3, 'policy'));
    expect(blocksOf(maps)).toEqual([8, 2]);
    expect(isContiguous(maps[1]!)).toBe(true);
  });

  it('ends with round(H_L) blocks by default, 3 of 12, and draws nothing when nothing is due', async () => {
    const random = createRandomStream(3, 'policy');
    const maps = await live(make({}, 12, false), 12, 40, random);
    expect(blocksOf(maps).at(-1)).toBe(3);
    const before = random.snapshot();
    const late = await make({}, 12, false).decide!(observe(39, 40, maps.at(-1)!), random);
    expect(late).toEqual({ kind: 'keep' });
    expect(random.snapshot()).toEqual(before);
  });

  it('goes on from a map that is tied already, of whatever kind', async () => {
    const controller = make({ blocks: 2, from: 0, until: 0.5 }, 4, true);
    const decision = await controller.decide!(observe(1, 2, [0, 1, 0, 1]), createRandomStream(1, 'policy'));
    expect(decision).toEqual({ kind: 'keep' });
  });

  it('repeats itself from the same seed only', async () => {
    const run = (seed: number) => live(make({}, 12, true), 12, 30, createRandomStream(seed, 'policy'));
    expect(await run(5)).toEqual(await run(5));
    expect(await run(5)).not.toEqual(await run(6));
  });
});

describe('options', () => {
  it.each(NAMES)('of %s are refused with a message when they make no sense', (name) => {
    const host = new PluginHost().register(plugin);
    for (const [options, message] of [
      [{ blocks: 0 }, 'blocks'],
      [{ until: 1.5 }, 'until'],
      [{ bloks: 3 }, 'bloks'],
    ] as const) {
      expect(() => host.options('controllers', name, options)).toThrow(message);
      expect(() => make(options as RandomMergingOptionsInput, 4, true)).toThrow(InputError);
    }
    const create = (options: RandomMergingOptionsInput) => () => make(options, 4, name !== 'random-merging');
    expect(create({ blocks: 9 })).toThrow(`${name} controller: blocks: 9, but there are 4 layers`);
    expect(create({ from: 0.6, until: 0.5 })).toThrow(`${name} controller: from: 0.6 comes after until: 0.5`);
    expect(create({ from: 0.5, until: 0.5 })).not.toThrow();
  });

  it('describe every one of themselves', () => {
    for (const [name, schema] of Object.entries(randomMergingOptionsSchema.shape))
      expect(schema.description, name).toMatch(/\w/);
  });
});
