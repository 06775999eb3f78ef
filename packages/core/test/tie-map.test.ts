import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  allTieMaps,
  assertTieMap,
  canonicalTieMap,
  contiguousTieMaps,
  expectedRandomBlocks,
  independentLayers,
  InputError,
  isCanonical,
  isContiguous,
  sweepPosition,
  tieMapFromBlocks,
} from '../src/index.js';

/** Parent vectors of 1 to 10 layers. */
const parents = fc
  .integer({ min: 1, max: 10 })
  .chain((layers) =>
    fc.tuple(...Array.from({ length: layers }, (_, layer) => fc.integer({ min: 0, max: layer }))),
  );

describe('tie maps', () => {
  it('follows parents to the root of the class', () => {
    expect(canonicalTieMap([0, 0, 1, 3, 2])).toEqual([0, 0, 0, 3, 0]);
    expect(independentLayers([0, 0, 0, 3, 0])).toEqual([0, 3]);
  });

  it('is canonical after canonicalization, and stays so', () => {
    fc.assert(
      fc.property(parents, (map) => {
        const canonical = canonicalTieMap(map);
        expect(isCanonical(canonical)).toBe(true);
        expect(canonicalTieMap(canonical)).toEqual(canonical);
        // Same classes, named by their smallest member.
        expect(tieMapFromBlocks(canonical)).toEqual(canonical);
        expect(independentLayers(canonical)).toEqual(independentLayers(map));
      }),
    );
  });

  it.each([
    [1, 1],
    [4, 15],
    [6, 203],
    [8, 4140],
  ])('enumerates the Bell number of maps of %i layers: %i', (layers, bell) => {
    const maps = [...allTieMaps(layers)];
    expect(maps).toHaveLength(bell);
    expect(new Set(maps.map(String)).size).toBe(bell);
    expect(maps.every((map) => isCanonical(assertTieMap(map, layers)))).toBe(true);
  });

  it('enumerates contiguous maps: those of all whose blocks are runs of neighbours, in order', () => {
    const runs = (map: readonly number[]): boolean =>
      independentLayers(map).every((root) => {
        const layers = map.flatMap((one, layer) => (one === root ? [layer] : []));
        return layers.at(-1)! - layers[0]! + 1 === layers.length;
      });
    for (const layers of [1, 2, 5, 7]) {
      const expected = [...allTieMaps(layers)].filter(runs);
      expect([...contiguousTieMaps(layers)]).toEqual(expected);
      expect(expected).toHaveLength(2 ** (layers - 1));
      expect([...allTieMaps(layers)].filter(isContiguous)).toEqual(expected);
      for (let blocks = 1; blocks <= layers; blocks += 1) {
        expect([...contiguousTieMaps(layers, blocks)]).toEqual(
          expected.filter((map) => independentLayers(map).length === blocks),
        );
      }
    }
    expect([...contiguousTieMaps(24, 2)]).toHaveLength(23);
  });

  it.each([
    [[0, 2, 2], 'layer 1 points at 2, a later layer'],
    [[0, -1, 2], 'layer 1 points at -1, which is no layer'],
    [[0, 0.5, 2], 'layer 1 points at 0.5, which is no layer'],
    [[0, 1], 'it has 2 entries'],
  ])('refuses %j: %s', (map, found) => {
    expect(() => assertTieMap(map, 3)).toThrow(InputError);
    expect(() => assertTieMap(map, 3)).toThrow(found);
  });

  it('expects the harmonic number of independent layers from random actions', () => {
    // Harmonic numbers from published tables, to two places.
    expect([12, 24, 32, 48].map((layers) => expectedRandomBlocks(layers).toFixed(2))).toEqual([
      '3.10',
      '3.78',
      '4.06',
      '4.46',
    ]);
  });

  it('sweeps over layers 1..L-1 in order', () => {
    const positions = Array.from({ length: 7 }, (_, window) => sweepPosition(window, 4));
    expect(positions.map(({ sweep, layer }) => [sweep, layer])).toEqual([
      [0, 1],
      [0, 2],
      [0, 3],
      [1, 1],
      [1, 2],
      [1, 3],
      [2, 1],
    ]);
    expect(sweepPosition(5, 1)).toEqual({ sweep: 5, layer: null });
  });
});
