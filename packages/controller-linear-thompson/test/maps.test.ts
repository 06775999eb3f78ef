/** The maps that are chosen from, and what they look like in numbers. */
import { createRandomStream, independentLayers, isCanonical, isContiguous } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { candidateMaps, featureTable, joinFeatures, SUMMARY, summaryFeatures } from '../src/index.js';

const random = createRandomStream(1, 'policy/initialization');

describe('candidates', () => {
  it.each([
    // Bell number of 5; S(6, 3); contiguous maps of 8 layers: C(7, 3) and 2^7.
    [5, { blocks: null, contiguous: false }, 52],
    [6, { blocks: 3, contiguous: false }, 90],
    [8, { blocks: 4, contiguous: true }, 35],
    [8, { blocks: null, contiguous: true }, 128],
    [1, { blocks: null, contiguous: false }, 1],
  ])('of %d layers with %j are all there are: %d', (layers, pool, count) => {
    const before = random.snapshot();
    const maps = candidateMaps({ ...pool, candidates: 512 }, layers, random);
    expect(new Set(maps.map(String)).size).toBe(count);
    expect(maps).toHaveLength(count);
    expect(random.snapshot()).toEqual(before);
    for (const map of maps) {
      expect(isCanonical(map)).toBe(true);
      if (pool.blocks !== null) expect(independentLayers(map)).toHaveLength(pool.blocks);
      if (pool.contiguous) expect(isContiguous(map)).toBe(true);
    }
  });

  it.each([
    [24, { blocks: 6, contiguous: true }],
    [24, { blocks: 6, contiguous: false }],
    [24, { blocks: null, contiguous: false }],
    [8, { blocks: 4, contiguous: false }],
  ])('of %d layers with %j are drawn where there are more', (layers, pool) => {
    const draw = (seed: number) =>
      candidateMaps({ ...pool, candidates: 64 }, layers, createRandomStream(seed, 'pool'));
    const maps = draw(1);
    expect(new Set(maps.map(String)).size).toBe(64);
    if (pool.blocks !== null)
      expect(maps.every((map) => independentLayers(map).length === pool.blocks)).toBe(true);
    if (pool.contiguous) expect(maps.every(isContiguous)).toBe(true);
    expect(draw(1)).toEqual(maps);
    expect(draw(2)).not.toEqual(maps);
  });

  it('are all there are of a deep stack, too, where those are few', () => {
    const pool = { blocks: 2, contiguous: true, candidates: 512 };
    expect(candidateMaps(pool, 24, createRandomStream(1, 'pool'))).toHaveLength(23);
  });
});

describe('features', () => {
  const named = (map: number[]): Record<string, number> =>
    Object.fromEntries(summaryFeatures(map).map((value, at) => [SUMMARY[at]!, value]));

  it('of 0-0-2-0-4-2-6-6, by hand', () => {
    // Joined: 1 (to 0), 3 (its block was last at 1), 5 (at 2), 7 (at 6). Blocks: 3, 2, 1 and 2 layers.
    expect(named([0, 0, 2, 0, 4, 2, 6, 6])).toEqual({
      blocks: 4 / 8,
      far: 2 / 4,
      distance: (1 + 2 + 3 + 1) / 4 / 8,
      'first-private': 0,
      'last-private': 0,
      largest: 3 / 8,
      depth: (1 + 3 + 5 + 7) / 4 / 8,
    });
    expect(joinFeatures([0, 0, 2, 0, 4, 2, 6, 6])).toEqual([1, 0, 0, 0, 0, 0, 1]);
  });

  it('of private ends, of nothing joined, and of one layer', () => {
    expect(named([0, 1, 1, 3])).toMatchObject({ 'first-private': 1, 'last-private': 1, far: 0, depth: 0.5 });
    expect(named([0, 1, 2])).toMatchObject({ blocks: 1, far: 0, distance: 0, depth: 0 });
    expect(named([0])).toMatchObject({ blocks: 1, 'first-private': 1, largest: 1 });
  });

  it('are standardised over the pool, without those that are the same in all maps', () => {
    const maps = candidateMaps({ blocks: 4, contiguous: true, candidates: 512 }, 8, random);
    // Of contiguous maps of one size neither blocks nor far nor distance says anything.
    const table = featureTable(maps, 'summary');
    expect(table[0]).toHaveLength(4);
    expect(featureTable(maps, 'both')[0]).toHaveLength(4 + 7);
    expect(featureTable([[0, 0, 2]], 'both')[0]).toEqual([]);
    for (let column = 0; column < 4; column += 1) {
      const values = table.map((row) => row[column]!);
      expect(values.reduce((sum, one) => sum + one, 0)).toBeCloseTo(0, 10);
      expect(values.reduce((sum, one) => sum + one ** 2, 0)).toBeCloseTo(maps.length, 10);
    }
  });
});
