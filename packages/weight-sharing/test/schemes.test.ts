import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { InputError, independentLayers, isCanonical } from '@ligature/core';
import { defaultBlocks, SCHEMES, schemeMap } from '../src/schemes/index.js';

/** Published vectors, as canonical roots. Each scheme of the package has at least one. */
const VECTORS: [name: string, layers: number, options: object, map: string][] = [
  ['none', 4, {}, '0 1 2 3'],
  ['all-tied', 4, {}, '0 0 0 0'],
  ['albert-groups', 12, { groups: 5 }, '0 0 0 3 3 5 5 5 8 8 10 10'],
  // Two groups of two inner layers, three steps each: the inner layers alternate.
  ['albert-groups', 12, { groups: 2, inner: 2 }, '0 1 0 1 0 1 6 7 6 7 6 7'],
  ['sequence', 12, { groupSize: 4 }, '0 0 0 0 4 4 4 4 8 8 8 8'],
  ['sequence', 8, { blocks: 3 }, '0 0 0 3 3 3 6 6'],
  ['sequence', 8, { blocks: 3, balanced: true }, '0 0 0 3 3 3 6 6'],
  ['sequence', 8, { blocks: 5, balanced: true }, '0 0 2 2 4 5 5 7'],
  ['cycle', 12, { blocks: 3 }, '0 1 2 0 1 2 0 1 2 0 1 2'],
  ['cycle', 12, { groupSize: 4 }, '0 1 2 0 1 2 0 1 2 0 1 2'],
  ['cycle-reversed', 12, { blocks: 3 }, '0 1 2 0 1 2 0 1 2 2 1 0'],
  ['cycle-reversed', 6, { blocks: 3 }, '0 1 2 2 1 0'],
  ['cycle-reversed', 5, { blocks: 3 }, '0 1 2 2 1'],
  ['sandwich', 8, {}, '0 1 1 1 1 1 1 7'],
  ['share-all-but-last', 5, {}, '0 0 0 0 4'],
  ['immediate', 8, {}, '0 0 2 2 4 4 6 6'],
  ['recursive-cycle', 6, { loops: 2 }, '0 1 2 0 1 2'],
  ['recursive-sequence', 6, { loops: 2 }, '0 0 2 2 4 4'],
  ['middle-cycle', 8, { loops: 2 }, '0 1 2 3 1 2 3 7'],
  ['middle-sequence', 8, { loops: 2 }, '0 1 1 3 3 5 5 7'],
  // One layer, a core of two blocks run three times, one layer.
  ['prelude-core-coda', 8, { count: 2 }, '0 1 2 1 2 1 2 7'],
  ['prelude-core-coda', 5, { start: 1, end: 2, count: 2 }, '0 1 2 3 4'],
  // Geiping et al. 2025: 2 layers of prelude, a core of 4, here run twice, 2 layers of coda.
  ['prelude-core-coda', 12, { start: 2, end: 2, count: 4 }, '0 1 2 3 4 5 2 3 4 5 10 11'],
  // RINS, A run r = 3 times, then B: A of 2 layers, B of 2.
  ['prelude-core-coda', 8, { start: 0, end: 2, count: 2 }, '0 1 0 1 0 1 6 7'],
  // parameter-golf PR #686 runs its 11 layers as 0 1 2 3 4 5 4 5 6 7 8 9 10.
  ['prelude-core-coda', 13, { start: 4, end: 5, count: 2 }, '0 1 2 3 4 5 4 5 8 9 10 11 12'],
  // PR #1678: 17 layers from 11, 0 1 2 3 4 5 3 4 5 3 4 5 6 7 8 9 10.
  ['prelude-core-coda', 17, { start: 3, end: 5, count: 3 }, '0 1 2 3 4 5 3 4 5 3 4 5 12 13 14 15 16'],
  // PR #2081: prelude 2, core 2, three passes, coda 2.
  ['prelude-core-coda', 10, { start: 2, end: 2, count: 2 }, '0 1 2 3 2 3 2 3 8 9'],
  ['fold', 8, {}, '0 1 2 3 3 2 1 0'],
  ['fold', 5, {}, '0 1 2 1 0'],
  ['pairs', 5, {}, '0 0 2 2 4'],
  ['half-cycle', 6, {}, '0 1 2 0 1 2'],
  ['list', 5, { ids: ['a', 'b', 'a', 'c', 'b'] }, '0 1 0 3 1'],
];

describe('schemes', () => {
  it.each(VECTORS)('%s of %i layers with %j is %s', (name, layers, options, map) => {
    expect(schemeMap(name, layers, options).join(' ')).toBe(map);
  });

  it('have a vector each, and unique names', () => {
    const names = SCHEMES.map((scheme) => scheme.name);
    expect(new Set(names).size).toBe(names.length);
    expect([...new Set(VECTORS.map(([name]) => name))].sort()).toEqual([...names].sort());
  });

  it('give canonical maps for every number of layers that they accept', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SCHEMES), fc.integer({ min: 1, max: 60 }), (scheme, layers) => {
        if (scheme.name === 'list') return;
        let map: readonly number[];
        try {
          map = schemeMap(scheme.name, layers);
        } catch (error) {
          expect((error as InputError).code).toBe('scheme-impossible');
          return;
        }
        expect(map).toHaveLength(layers);
        expect(isCanonical(map)).toBe(true);
        expect(map.every((source, layer) => source <= layer)).toBe(true);
      }),
    );
  });

  it('take by default as many blocks as random actions leave: H_12 = 3.103, H_48 = 4.458', () => {
    expect([1, 2, 6, 12, 48].map(defaultBlocks)).toEqual([1, 2, 2, 3, 4]);
    for (let layers = 1; layers <= 64; layers += 1) {
      for (const name of ['sequence', 'cycle', 'cycle-reversed', 'albert-groups']) {
        expect(independentLayers(schemeMap(name, layers)), `${name} ${layers}`).toHaveLength(
          defaultBlocks(layers),
        );
      }
    }
  });

  it('loop a core as middle-cycle does, whose loops are counted instead of its blocks', () => {
    for (const [layers, loops] of [
      [8, 2],
      [8, 3],
      [12, 5],
    ] as const) {
      expect(schemeMap('prelude-core-coda', layers, { count: (layers - 2) / loops })).toEqual(
        schemeMap('middle-cycle', layers, { loops }),
      );
      expect(schemeMap('prelude-core-coda', layers)).toEqual(schemeMap('middle-cycle', layers));
    }
  });

  it('take the possible number nearest to that where it must divide', () => {
    // 12 layers want 3 blocks: 3 divides 12; of the 10 middle layers 1 is wanted (3 less both ends).
    expect(independentLayers(schemeMap('recursive-cycle', 12))).toHaveLength(3);
    expect(independentLayers(schemeMap('middle-sequence', 12))).toHaveLength(3);
    // 10 layers want 3 blocks (H_10 = 2.93): of 1, 2, 5, 10 two is nearest.
    expect(independentLayers(schemeMap('recursive-sequence', 10))).toHaveLength(2);
  });

  it.each([
    ['cycle', 4, { blocks: 5 }, 'scheme-impossible'],
    ['cycle', 4, { blocks: 2, groupSize: 2 }, 'scheme-impossible'],
    ['sequence', 8, { blocks: 5 }, 'scheme-impossible'],
    ['immediate', 7, {}, 'scheme-impossible'],
    ['recursive-cycle', 8, { loops: 3 }, 'scheme-impossible'],
    ['middle-cycle', 2, {}, 'scheme-impossible'],
    ['prelude-core-coda', 8, { count: 4 }, 'scheme-impossible'],
    ['prelude-core-coda', 4, { start: 2, end: 2 }, 'scheme-impossible'],
    ['prelude-core-coda', 4, { start: -1 }, 'scheme-options-invalid'],
    ['half-cycle', 5, {}, 'scheme-impossible'],
    ['albert-groups', 6, { groups: 4, inner: 2 }, 'scheme-impossible'],
    ['albert-groups', 7, { inner: 2 }, 'scheme-impossible'],
    ['list', 3, { ids: [0, 1] }, 'scheme-impossible'],
    ['none', 0, {}, 'scheme-impossible'],
    ['cycle', 4, { blocks: 0 }, 'scheme-options-invalid'],
    ['cycle', 4, { block: 2 }, 'scheme-options-invalid'],
    ['list', 3, {}, 'scheme-options-invalid'],
    ['cylce', 4, {}, 'unknown-scheme'],
  ])('refuse %s of %i layers with %j', (name, layers, options, code) => {
    expect(() => schemeMap(name, layers, options)).toThrow(expect.objectContaining({ code }));
    expect(() => schemeMap(name, layers, options)).toThrow(InputError);
  });

  it('say that the sandwich keeps norms per position', () => {
    const tied = SCHEMES.filter((scheme) => scheme.tiedComponents);
    expect(tied.map(({ name, tiedComponents }) => [name, tiedComponents])).toEqual([
      ['sandwich', ['attention', 'mlp']],
    ]);
  });
});
