/** Which blocks are merged, and when, where what every tie costs is known. */
import {
  allTieMaps,
  canonicalTieMap,
  createRandomStream,
  independentLayers,
  InputError,
  mergeablePairs,
  mergedMap,
  type Controller,
  type Decision,
  type Question,
  type TieCost,
  type TieCosts,
  type TieMap,
} from '@ligature/core';
import { worldObservation } from '@ligature/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cheapestMerges, createLossProbed, type LossProbedOptionsInput } from '../src/index.js';

const random = createRandomStream(1, 'policy');

interface Lived {
  readonly maps: string[];
  readonly asked: (Question | string | undefined)[];
  readonly decisions: Decision[];
}

/** A run of so many windows in which a tie of two blocks costs what `cost` says. */
async function live(
  controller: Controller,
  layers: number,
  windows: number,
  cost: (first: number, second: number) => number,
): Promise<Lived> {
  let tieMap: TieMap = controller.initial!(layers);
  const lived: Lived = { maps: [], asked: [], decisions: [] };
  for (let window = 0; window < windows; window += 1) {
    const bare = worldObservation(window, tieMap, [], window / windows);
    const wanted = controller.wants!(bare);
    const decision = await controller.decide!({ ...bare, ...answerTo(wanted, tieMap, cost) }, random);
    if (decision.kind === 'map') tieMap = canonicalTieMap(decision.tieMap);
    lived.maps.push(tieMap.join('-'));
    lived.asked.push(wanted);
    lived.decisions.push(decision);
  }
  return lived;
}

function answerTo(
  wanted: Question | string | undefined,
  tieMap: TieMap,
  cost: (first: number, second: number) => number,
): { measured?: TieCosts } {
  if (typeof wanted !== 'object' || wanted.measure !== 'tie-cost') return {};
  const pairs = mergeablePairs(tieMap, wanted.pairs === 'adjacent').map((pair) => ({
    ...pair,
    cost: cost(pair.first, pair.second),
  }));
  return { measured: { kind: 'tie-cost', substitute: 'first', batches: 4, loss: 4, pairs } };
}

const make = (options: LossProbedOptionsInput, layers: number): Controller =>
  createLossProbed(options, { layers });

/** Costs by pairs of roots, `2+3`; what is not named costs 1. */
const planted =
  (costs: Readonly<Record<string, number>>) =>
  (first: number, second: number): number =>
    costs[`${first}+${second}`] ?? 1;

describe('what is merged, and when', () => {
  it('begins untied, merges the cheapest neighbours as the schedule lets it, and ends at the number of blocks', async () => {
    const controller = make({ blocks: 2, from: 0.2, until: 0.8 }, 5);
    // 0+2 would be cheapest of all, but they are no neighbours; 2+3 is cheap, and 2+4 (what is left of it) is not.
    const cost = planted({ '0+2': -1, '2+3': 0.01, '0+1': 0.2, '1+2': 0.3, '2+4': 0.9 });
    const { maps, asked } = await live(controller, 5, 10, cost);
    expect(maps).toEqual([
      ...['0-1-2-3-4', '0-1-2-3-4', '0-1-2-3-4', '0-1-2-3-4'],
      ...['0-1-2-2-4', '0-1-2-2-4', '0-0-2-2-4', '0-0-2-2-4'],
      // By now 0 and 2 are neighbours.
      ...['0-0-0-0-4', '0-0-0-0-4'],
    ]);
    const question = { measure: 'tie-cost', pairs: 'adjacent', substitute: 'first', batches: 4 };
    expect(asked).toEqual(maps.map((_, window) => ([4, 6, 8].includes(window) ? question : undefined)));
  });

  it('may be any two blocks', async () => {
    const controller = make({ blocks: 3, from: 0, until: 0.5, adjacent: false, batches: 2 }, 4);
    const { maps, asked } = await live(controller, 4, 2, planted({ '0+3': 0.1 }));
    expect(maps.at(-1)).toBe('0-1-2-0');
    expect(asked[1]).toEqual({ measure: 'tie-cost', pairs: 'all', substitute: 'first', batches: 2 });
  });

  it('says in its notes what each merge would cost', async () => {
    const { decisions } = await live(
      make({ blocks: 2, from: 0, until: 0.5 }, 3),
      3,
      2,
      planted({ '1+2': -0.125 }),
    );
    expect(decisions).toEqual([
      { kind: 'keep' },
      { kind: 'map', tieMap: [0, 1, 1], notes: { costs: { '0+1': 1, '1+2': -0.125 } } },
    ]);
  });

  it('of equals is the one that begins earlier, then the one whose second block does', () => {
    const pairs = (...list: [number, number, number][]): TieCost[] =>
      list.map(([first, second, cost]) => ({ first, second, cost }));
    expect(cheapestMerges([0, 1, 2, 3], pairs([2, 3, 0.5], [1, 2, 0.5], [0, 1, 0.7]), 1)).toEqual([
      0, 1, 1, 3,
    ]);
    expect(cheapestMerges([0, 1, 2, 3], pairs([0, 3, 0.5], [0, 1, 0.5]), 1)).toEqual([0, 0, 2, 3]);
    // Whatever the order of the list.
    expect(cheapestMerges([0, 1, 2, 3], pairs([0, 1, 0.5], [0, 3, 0.5]), 1)).toEqual([0, 0, 2, 3]);
  });

  it('are several at once where the windows are fewer than the merges: by the costs of the parts', async () => {
    const controller = make({ blocks: 2, from: 0, until: 0.5 }, 5);
    const { maps } = await live(
      controller,
      5,
      2,
      planted({ '1+2': 0.1, '2+3': 0.2, '3+4': 0.3, '0+1': 0.4 }),
    );
    expect(maps).toEqual(['0-1-2-3-4', '0-1-1-1-1']);
  });

  it('decides by what it sees alone: the same after a snapshot, and keeps the map where nobody measures', async () => {
    const controller = make({ blocks: 1, from: 0, until: 0 }, 3);
    expect(controller.snapshot()).toBeNull();
    const observation = worldObservation(0, [0, 1, 2], [], 0.5);
    expect(await controller.decide!(observation, random)).toEqual({ kind: 'keep' });
  });
});

describe('for all maps of six layers', () => {
  it('one merge is the pair of least cost, found by trying them all', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...allTieMaps(6)),
        fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 15, maxLength: 15 }),
        (tieMap, numbers) => {
          const pairs = mergeablePairs(tieMap).map((pair, at) => ({ ...pair, cost: numbers[at]! }));
          const found = cheapestMerges(tieMap, pairs, 1);
          if (pairs.length === 0) return void expect(found).toEqual(tieMap);
          const least = Math.min(...pairs.map(({ cost }) => cost));
          const best = pairs.find(({ cost }) => cost === least)!;
          expect(found).toEqual(mergedMap(tieMap, best.first, best.second));
        },
      ),
    );
  });

  it('ends with exactly the blocks that were asked for, whatever the costs and the windows', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 2, max: 30 }),
        fc.boolean(),
        fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 36, maxLength: 36 }),
        async (blocks, windows, adjacent, costs) => {
          const controller = make({ blocks, from: 0.1, until: 0.5, adjacent }, 6);
          const { maps } = await live(controller, 6, windows, (first, second) => costs[6 * first + second]!);
          const counts = maps.map((map) => independentLayers(map.split('-').map(Number)).length);
          expect(counts.at(-1)).toBe(blocks);
          counts.forEach((count, window) => {
            if (window / windows >= 0.5) expect(count).toBe(blocks);
            if (window > 0) expect(count).toBeLessThanOrEqual(counts[window - 1]!);
          });
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('options', () => {
  it.each([
    [{ blocks: 5 }, /blocks: 5, but there are 4 layers/],
    [{ from: 0.6, until: 0.4 }, /from: 0.6 comes after/],
    [{ substitute: 'third' }, /substitute/],
    [{ batch: 4 }, /batch/],
  ])('%j are refused', (options, found) => {
    const attempt = (): Controller => make(options as LossProbedOptionsInput, 4);
    expect(attempt).toThrow(InputError);
    expect(attempt).toThrow(found);
  });
});
