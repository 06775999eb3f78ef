/** Which blocks are merged, and when. */
import {
  allTieMaps,
  createRandomStream,
  independentLayers,
  InputError,
  sweepPosition,
  type Controller,
  type Decision,
  type Observation,
  type SimilarityKind,
  type TieMap,
} from '@ligature/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSimilarity, mostSimilarBlocks, type SimilarityOptionsInput } from '../src/index.js';

const random = createRandomStream(1, 'policy');
const independent = (layers: number): number[] => Array.from({ length: layers }, (_, layer) => layer);

/** A symmetric table from the similarity of pairs `i < j`. */
function table(layers: number, of: (i: number, j: number) => number): number[][] {
  return independent(layers).map((i) =>
    independent(layers).map((j) => (i === j ? 1 : of(Math.min(i, j), Math.max(i, j)))),
  );
}

function observe(window: number, tieMap: TieMap): Observation {
  const layers = tieMap.length;
  const place = sweepPosition(window, layers);
  return {
    window,
    ...place,
    step: 5 * window,
    progress: 0,
    layers,
    component: null,
    tieMap,
    tieMaps: { block: tieMap },
    state: tieMap,
    recentLosses: [],
  };
}

/** The map of each window of a run in which all that is asked for is `matrix`. */
async function mapsOf(controller: Controller, matrix: number[][], windows: number): Promise<TieMap[]> {
  let tieMap: TieMap = independent(matrix.length);
  const maps: TieMap[] = [];
  for (let window = 0; window < windows; window += 1) {
    const bare = observe(window, tieMap);
    const kind = controller.wants!(bare);
    const decision: Decision = await controller.decide!(
      kind ? { ...bare, measured: { kind: kind as SimilarityKind, matrix } } : bare,
      random,
    );
    if (decision.kind === 'map') tieMap = decision.tieMap;
    maps.push(tieMap);
  }
  return maps;
}

const make = (options: SimilarityOptionsInput, layers: number): Controller =>
  createSimilarity(options, { layers });

/** Layers 0 and 3 are nearly one, 1 and 2 are alike; 4 is alone. */
const planted = table(5, (i, j) =>
  i === 0 && j === 3 ? 0.9 : i === 1 && j === 2 ? 0.6 : 0.1 * (j - i) - 0.3,
);

describe('what is merged', () => {
  it('begins with the pair that is most alike and ends at the number of blocks', async () => {
    const maps = await mapsOf(make({ warmup: 1, every: 1, blocks: 2 }, 5), planted, 6);
    expect(maps).toEqual([
      [0, 1, 2, 3, 4],
      [0, 1, 2, 0, 4],
      [0, 1, 1, 0, 4],
      // {0,3} with 4: (0.1 - 0.2) / 2, as {1,2} with 4: (0 - 0.1) / 2; the earlier block wins. {0,3} with {1,2}: -0.15.
      [0, 1, 1, 0, 0],
      [0, 1, 1, 0, 0],
      [0, 1, 1, 0, 0],
    ]);
  });

  it('takes the mean over pairs of layers, by hand', () => {
    // {0,1} with 2: (0.9 + 0.1) / 2 = 0.5; {0,1} with 3: 0.4; 2 with 3: 0.45. Single linkage would say 0.9.
    const values = new Map([['0,2', 0.9], ['1,2', 0.1], ['0,3', 0.4], ['1,3', 0.4], ['2,3', 0.45]]); // prettier-ignore
    const matrix = table(4, (i, j) => values.get(`${i},${j}`) ?? 0);
    expect(mostSimilarBlocks([0, 0, 2, 3], matrix)).toEqual({ first: 0, second: 2, similarity: 0.5 });
  });

  it('of equals takes the earlier first block, then the earlier second one', () => {
    expect(
      mostSimilarBlocks(
        independent(4),
        table(4, () => 0.5),
      ),
    ).toMatchObject({ first: 0, second: 1 });
    const late = table(4, (i) => (i === 0 ? 0.1 : 0.5));
    expect(mostSimilarBlocks(independent(4), late)).toMatchObject({ first: 1, second: 2 });
  });

  it('leaves blocks that are not alike enough, and tries again later', async () => {
    const maps = await mapsOf(make({ warmup: 0, every: 1, blocks: 1, threshold: 0.6 }, 5), planted, 4);
    expect(maps.at(-1)).toEqual([0, 1, 1, 0, 4]);
  });

  it('adjacent merges only blocks that touch', async () => {
    const maps = await mapsOf(make({ warmup: 0, every: 1, blocks: 2, adjacent: true }, 5), planted, 4);
    // 0 and 3 are never next to each other until {1,2} has joined 0 or 3.
    expect(maps[0]).toEqual([0, 1, 1, 3, 4]);
    for (const map of maps) expect(isContiguous(map)).toBe(true);
    expect(independentLayers(maps.at(-1)!)).toHaveLength(2);
  });

  it('is the best of all pairs of blocks, over every map of 5 layers', () => {
    const entry = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(entry, { minLength: 25, maxLength: 25 }), (values) => {
        const matrix = table(5, (i, j) => values[5 * i + j]!);
        for (const map of allTieMaps(5)) {
          const found = mostSimilarBlocks(map, matrix);
          const roots = independentLayers(map);
          expect(found === undefined).toBe(roots.length === 1);
          const mean = (a: number, b: number): number => {
            const all = map.flatMap((x, i) =>
              map.flatMap((y, j) => (x === a && y === b ? [matrix[i]![j]!] : [])),
            );
            return all.reduce((sum, one) => sum + one, 0) / all.length;
          };
          for (const a of roots) {
            for (const b of roots)
              if (a !== b) expect(found!.similarity).toBeGreaterThanOrEqual(mean(a, b) - 1e-8);
          }
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe('when', () => {
  it('asks in the windows of merges only, and not when enough is merged', () => {
    const controller = make({ measure: 'gradient-cosine', warmup: 4, every: 3, blocks: 2 }, 4);
    const asked = (map: TieMap): number[] =>
      independent(12).filter((window) => controller.wants!(observe(window, map)) === 'gradient-cosine');
    expect(asked([0, 1, 2, 3])).toEqual([4, 7, 10]);
    expect(asked([0, 0, 2, 2])).toEqual([]);
  });

  it('keeps the map where nothing was measured', async () => {
    const controller = make({ warmup: 0, every: 1 }, 4);
    expect(await controller.decide!(observe(0, independent(4)), random)).toEqual({ kind: 'keep' });
  });

  it('ends by default with as many blocks as random actions leave', async () => {
    const matrix = table(8, (i, j) => 1 / (j - i + 1));
    const maps = await mapsOf(make({}, 8), matrix, 80);
    expect(maps.findIndex((map) => independentLayers(map).length < 8)).toBe(10);
    expect(independentLayers(maps.at(-1)!)).toHaveLength(3);
  });
});

describe('options', () => {
  it.each([{ blocks: 5 }, { blocks: 0 }, { every: 0 }, { threshold: 2 }, { measure: 'angle' as never }])(
    '%j is refused for 4 layers',
    (options) => expect(() => make(options, 4)).toThrow(InputError),
  );
});

function isContiguous(map: TieMap): boolean {
  return map.every((root, layer) => root === layer || map[layer - 1] === root);
}
