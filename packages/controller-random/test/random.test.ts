import {
  allTieMaps,
  createRandomStream,
  createRunContainer,
  expectedRandomBlocks,
  independentLayers,
  InputError,
  isCanonical,
  isContiguous,
  PluginHost,
  sweepPosition,
} from '@ligature/core';
import type { Controller, ControllerContext, Observation, RandomStream, TieMap } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import {
  createRandomController,
  plugin,
  randomOptionsSchema,
  randomPartition,
  stirlingNumbers,
} from '../src/index.js';
import type { RandomOptionsInput } from '../src/index.js';

const context = (layers: number, seed = 1): ControllerContext => ({
  layers,
  seed,
  random: createRandomStream(seed, 'policy/initialization'),
  get: createRunContainer().get,
});
const create = (options: RandomOptionsInput, layers: number, seed = 1): Controller =>
  createRandomController(options, context(layers, seed));

function observe(window: number, tieMap: TieMap): Observation {
  const layers = tieMap.length;
  return {
    window,
    ...sweepPosition(window, layers),
    step: 0,
    progress: 0,
    layers,
    component: null,
    tieMap,
    tieMaps: { block: tieMap },
    state: tieMap,
    recentLosses: [],
  };
}

/** One sweep of decisions, resolved the way a registry does: a layer joins the block that its source uses now. */
async function sweep(controller: Controller, layers: number, random: RandomStream): Promise<number[]> {
  const map = Array.from({ length: layers }, (_, layer) => layer);
  for (let window = 0; window < layers - 1; window += 1) {
    const decision = await controller.decide!(observe(window, map), random);
    if (decision.kind !== 'layer') throw new Error(`expected a layer decision, got ${decision.kind}`);
    map[decision.layer] = decision.source === decision.layer ? decision.layer : map[decision.source]!;
  }
  return map;
}

/** Pearson's statistic against equal expected counts. */
function chiSquare(counts: Iterable<number>, cells: number, draws: number): number {
  const expected = draws / cells;
  return [...counts].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

function tally(draws: number, draw: (i: number) => TieMap): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i < draws; i += 1) {
    const key = draw(i).join('-');
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

describe('per window', () => {
  // Count of independent layers: mean H_L, variance sum over i <= L of (1/i)(1 - 1/i).
  it.each([6, 12])('leaves H_L of %d layers independent on average', async (layers) => {
    const controller = create({}, layers);
    const random = createRandomStream(11, 'policy');
    const sweeps = 4000;
    let sum = 0;
    for (let i = 0; i < sweeps; i += 1)
      sum += independentLayers(await sweep(controller, layers, random)).length;
    const variance = Array.from({ length: layers }, (_, i) => (1 / (i + 1)) * (1 - 1 / (i + 1))).reduce(
      (a, b) => a + b,
    );
    const standardError = Math.sqrt(variance / sweeps);
    expect(Math.abs(sum / sweeps - expectedRandomBlocks(layers))).toBeLessThan(4 * standardError);
  });

  it('draws each of the l + 1 actions of a layer equally often', () => {
    const controller = create({}, 8);
    const random = createRandomStream(2, 'policy');
    const counts = new Map<number, number>();
    for (let i = 0; i < 5000; i += 1) {
      const decision = controller.decide!(observe(3, [0, 1, 2, 3, 4, 5, 6, 7]), random);
      if (!('kind' in decision) || decision.kind !== 'layer') throw new Error('expected a layer decision');
      expect(decision.layer).toBe(4);
      counts.set(decision.source, (counts.get(decision.source) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual([0, 1, 2, 3, 4]);
    expect(chiSquare(counts.values(), 5, 5000)).toBeLessThan(18.47); // 4 degrees of freedom, p = .001
  });

  it('has the same law when every layer decides at once', () => {
    const controller = create({ decide: 'all' }, 6);
    const random = createRandomStream(3, 'policy');
    let sum = 0;
    for (let i = 0; i < 4000; i += 1) {
      const decision = controller.decide!(observe(0, [0, 1, 2, 3, 4, 5]), random);
      if (!('kind' in decision) || decision.kind !== 'map') throw new Error('expected a whole map');
      sum += independentLayers(decision.tieMap).length;
    }
    expect(Math.abs(sum / 4000 - expectedRandomBlocks(6))).toBeLessThan(0.062); // 4 standard errors
  });

  it('repeats itself from the same seed only', async () => {
    const run = (seed: number) => sweep(create({}, 12), 12, createRandomStream(seed, 'policy'));
    expect(await run(5)).toEqual(await run(5));
    expect(await run(5)).not.toEqual(await run(6));
  });

  it('keeps a stack of one layer, and starts from the map it is told', () => {
    expect(create({}, 1).decide!(observe(0, [0]), createRandomStream(1, 'policy'))).toEqual({ kind: 'keep' });
    expect(create({}, 3).initial).toBeUndefined();
    expect(create({ initial: 'independent' }, 3).initial!(3)).toEqual([0, 1, 2]);
    expect(create({ initial: 'all-tied' }, 3).initial!(3)).toEqual([0, 0, 0]);
    expect(create({ initial: '0-0-2' }, 3).initial!(3)).toEqual([0, 0, 2]);
  });
});

describe('fixed', () => {
  it('counts partitions as published', () => {
    // OEIS A008277, rows 4 and 7; S(26, 10) needs more than 53 bits.
    const table = stirlingNumbers(26, 26);
    expect(table[4]!.slice(0, 5)).toEqual([0n, 1n, 7n, 6n, 1n]);
    expect(table[7]!.slice(0, 8)).toEqual([0n, 1n, 63n, 301n, 350n, 140n, 21n, 1n]);
    // Row sums are Bell numbers (OEIS A000110): B(26) = 49631246523618756274.
    expect(table[26]!.reduce((sum, count) => sum + count)).toBe(49631246523618756274n);
  });

  it.each([
    // upper .001 quantiles of the chi-square law with S(4, k) - 1 degrees of freedom
    [1, 1, 0.001],
    [2, 7, 22.46],
    [3, 6, 20.52],
    [4, 1, 0.001],
  ])('draws every map of 4 layers with %d blocks equally often', (blocks, cells, quantile) => {
    const draws = 1000 * cells;
    const counts = tally(draws, (seed) => create({ mode: 'fixed', blocks }, 4, seed).initial!(4));
    const all = [...allTieMaps(4)].filter((map) => independentLayers(map).length === blocks);
    expect([...counts.keys()].sort()).toEqual(all.map((map) => map.join('-')).sort());
    expect(chiSquare(counts.values(), cells, draws)).toBeLessThan(quantile);
  });

  it('draws runs of neighbours only where that is asked for, every one of them', () => {
    const counts = tally(4000, (seed) =>
      create({ mode: 'fixed', blocks: 3, contiguous: true }, 5, seed).initial!(5),
    );
    expect([...counts.keys()].sort()).toEqual(
      ['0-0-0-3-4', '0-0-2-2-4', '0-0-2-3-3', '0-1-1-1-4', '0-1-1-3-3', '0-1-2-2-2'].sort(),
    );
    expect(chiSquare(counts.values(), 6, 4000)).toBeLessThan(20.52); // 5 degrees of freedom, p = .001
  });

  it('draws as many runs of neighbours as a random sweep leaves where their number is open', () => {
    let blocks = 0;
    for (let seed = 0; seed < 4000; seed += 1) {
      const map = create({ mode: 'fixed', contiguous: true }, 6, seed).initial!(6);
      expect(isContiguous(map)).toBe(true);
      blocks += independentLayers(map).length;
    }
    expect(Math.abs(blocks / 4000 - expectedRandomBlocks(6))).toBeLessThan(0.062); // 4 standard errors
  });

  it('follows the law of one random sweep when no number of blocks is given', () => {
    // Layers 1 and 2 of three: 0-0-0 1/3 (tie, then either source), 0-0-2 1/6, 0-1-0, 0-1-1, 0-1-2 1/6 each.
    const counts = tally(6000, (seed) => create({ mode: 'fixed' }, 3, seed).initial!(3));
    const expected = { '0-0-0': 2000, '0-0-2': 1000, '0-1-0': 1000, '0-1-1': 1000, '0-1-2': 1000 };
    const statistic = Object.entries(expected).reduce(
      (sum, [map, count]) => sum + ((counts.get(map) ?? 0) - count) ** 2 / count,
      0,
    );
    expect(counts.size).toBe(5);
    expect(statistic).toBeLessThan(18.47);
  });

  it('draws canonical maps of deep stacks', () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const map = randomPartition(96, 7, createRandomStream(seed, 'test'));
      expect(isCanonical(map)).toBe(true);
      expect(independentLayers(map)).toHaveLength(7);
    }
  });

  it.each([
    ['of texts', ['0', '1', '2']],
    ['of lists', [[0], [1], [2]]],
    ['that points forward', [0, 2, 2]],
    ['deeper than the call stack', JSON.parse(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`)],
    ['of lists deeper than the call stack', JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)],
  ])('refuses a saved map %s', (_what, tieMap) => {
    expect(() => create({ mode: 'fixed' }, 3).restore({ tieMap })).toThrow(
      expect.objectContaining({ code: 'controller-state-mismatch' }),
    );
  });

  it('decides nothing, and keeps its map over a resume', () => {
    const original = create({ mode: 'fixed', blocks: 3 }, 8, 4);
    const map = original.initial!(8);
    expect(original.decide).toBeUndefined();
    const resumed = create({ mode: 'fixed', blocks: 3 }, 8, 5);
    expect(resumed.initial!(8)).not.toEqual(map);
    resumed.restore(original.snapshot());
    expect(resumed.initial!(8)).toEqual(map);
    expect(() => create({ mode: 'fixed', blocks: 3 }, 6).restore(original.snapshot())).toThrow(
      expect.objectContaining({ code: 'controller-state-mismatch' }),
    );
  });
});

describe('options', () => {
  it('are refused with a message when they make no sense', () => {
    const host = new PluginHost().register(plugin);
    for (const [options, message] of [
      [{ mode: 'sometimes' }, 'mode'],
      [{ blocks: 3 }, 'blocks: has a meaning in mode fixed only'],
      [{ mode: 'fixed', blocks: 0 }, 'blocks'],
      [{ contiguous: true }, 'contiguous: has a meaning in mode fixed only'],
      [{ mode: 'fixed', initial: 'all-tied' }, 'initial: has no meaning'],
      [{ bloks: 3 }, 'bloks'],
    ] as const) {
      expect(() => host.options('controllers', 'random', options)).toThrow(message);
      expect(() => create(options as RandomOptionsInput, 4)).toThrow(InputError);
    }
    expect(() => create({ mode: 'fixed', blocks: 9 }, 4)).toThrow('9, but there are 4 layers');
    expect(() => create({ initial: [0, 2, 0] }, 3)).toThrow('a later layer');
  });

  it('describe every one of themselves', () => {
    for (const [name, schema] of Object.entries(randomOptionsSchema.shape))
      expect(schema.description, name).toMatch(/\w/);
  });
});
