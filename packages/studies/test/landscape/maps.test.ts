/** Which maps a landscape trains, against the Bell numbers (OEIS A000110) and the law of a uniform draw. */
import { independentLayers, isCanonical, runConfigSchema } from '@ligature/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assertFeasible,
  countMaps,
  landscapeMaps,
  landscapeSettingsSchema,
  planLandscape,
} from '../../src/index.js';

const BELL = [1, 2, 5, 15, 52, 203, 877, 4140, 21_147, 115_975];
const asked = (layers: number, extra: object = {}) => ({
  layers,
  blocks: null,
  maxMaps: null,
  seed: 1,
  ...extra,
});

describe('the maps of a landscape', () => {
  it('are all canonical maps of the stack, as many as the Bell number says, each once', () => {
    for (let layers = 1; layers <= 7; layers += 1) {
      const { maps, space } = landscapeMaps(asked(layers));
      expect(maps).toHaveLength(BELL[layers - 1] as number);
      expect(new Set(maps.map((map) => map.join())).size).toBe(maps.length);
      expect(maps.every((map) => map.length === layers && isCanonical(map))).toBe(true);
      expect(space).toEqual({ all: String(maps.length), maps: maps.length, blocks: null, sampled: false });
    }
    expect(BELL.map((_, index) => Number(countMaps(index + 1, null)))).toEqual(BELL);
    // Beyond what a double holds: B(24).
    expect(countMaps(24, null)).toBe(445_958_869_294_805_289n);
  });

  it('are those with the numbers of blocks that were asked for', () => {
    // S(5, 2) = 15, S(5, 4) = 10.
    const { maps, space } = landscapeMaps(asked(5, { blocks: [2, 4] }));
    expect(maps).toHaveLength(25);
    expect(new Set(maps.map((map) => independentLayers(map).length))).toEqual(new Set([2, 4]));
    expect(space).toMatchObject({ all: '52', blocks: [2, 4] });
    expect(() => landscapeMaps(asked(3, { blocks: [4] }))).toThrow(/3 layers have from 1 to 3 blocks/);
    expect(() => landscapeMaps(asked(25))).toThrow(/at most 24 layers/);
  });

  it('drawn as a sample are distinct, the same for a seed, and every map is equally likely', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 15 }), fc.nat(), (maxMaps, seed) => {
        const { maps, space } = landscapeMaps(asked(4, { maxMaps, seed }));
        expect(new Set(maps.map((map) => map.join())).size).toBe(maxMaps);
        expect(space.sampled).toBe(maxMaps < 15);
        expect(landscapeMaps(asked(4, { maxMaps, seed })).maps).toEqual(maps);
      }),
    );
    const counts = new Map<string, number>();
    const draws = 1500;
    for (let seed = 0; seed < draws; seed += 1) {
      for (const map of landscapeMaps(asked(4, { maxMaps: 2, seed })).maps)
        counts.set(map.join(), (counts.get(map.join()) ?? 0) + 1);
    }
    // Binomial(1500, 2/15): mean 200, deviation 13.2; five deviations for fifteen maps.
    expect(counts.size).toBe(15);
    for (const count of counts.values()) expect(Math.abs(count - 200)).toBeLessThan(66);
  });

  it('drawn one by one from too many to list have as many blocks as chance gives', () => {
    const { maps } = landscapeMaps(asked(10, { maxMaps: 400 }));
    expect(new Set(maps.map((map) => map.join())).size).toBe(400);
    const mean = maps.reduce((sum, map) => sum + independentLayers(map).length, 0) / maps.length;
    // Mean B(11) / B(10) - 1, variance B(12) / B(10) - (B(11) / B(10))^2 - 1.
    const expected = 678_570 / 115_975 - 1;
    const variance = 4_213_597 / 115_975 - (678_570 / 115_975) ** 2 - 1;
    expect(Math.abs(mean - expected)).toBeLessThan(5 * Math.sqrt(variance / 400));
  });
});

describe('the trials of a landscape', () => {
  const config = (layers: number, seeds: number) =>
    runConfigSchema.parse({ model: { layers }, seed: 3, compare: { seeds } });
  const settings = (extra: object = {}) => landscapeSettingsSchema.parse(extra);

  it('are every map and controller on every seed, in folders of their own, seed by seed', () => {
    const controllers = [{ name: 'random', options: {} }];
    const { trials: plans, maps } = planLandscape(config(3, 2), settings({ controllers }));
    expect(maps.size).toBe(5);
    expect(plans.map(({ label, seed }) => `${label} ${seed}`)).toEqual([
      ...['0-0-0 3', '0-0-2 3', '0-1-0 3', '0-1-1 3', '0-1-2 3', 'random 3'],
      ...['0-0-0 4', '0-0-2 4', '0-1-0 4', '0-1-1 4', '0-1-2 4', 'random 4'],
    ]);
    expect(new Set(plans.map(({ id }) => id)).size).toBe(12);
    expect(plans[1]?.config).toMatchObject({
      seed: 3,
      controller: { name: 'map', options: { map: [0, 0, 2] } },
    });
  });

  it('are counted, and refused where they would be absurdly many', () => {
    expect(() => assertFeasible(config(6, 5), settings())).not.toThrow();
    expect(() => assertFeasible(config(7, 2), settings())).toThrow(/877 of them, which makes 1,754 trials/);
    expect(() => assertFeasible(config(20, 3), settings())).toThrow(/51,724,158,235,372/);
    expect(() => assertFeasible(config(20, 3), settings({ maxMaps: 100 }))).not.toThrow();
    expect(() => assertFeasible(config(20, 3), settings({ blocks: [1, 20] }))).not.toThrow();
  });
});
