/** What is merged and what is split, where it is known how well the gradients of every two layers agree. */
import {
  allTieMaps,
  canonicalTieMap,
  ContractError,
  createRandomStream,
  independentLayers,
  InputError,
  type Controller,
  type Decision,
  type LayerTable,
  type TieMap,
} from '@ligature/core';
import { worldObservation } from '@ligature/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createGradientConflict,
  exchange,
  MovingTable,
  type GradientConflictOptionsInput,
} from '../src/index.js';

const random = createRandomStream(1, 'policy');

/** A table from pairs of layers, `0,2`; what is not named is `other`. */
function planted(layers: number, pairs: Readonly<Record<string, number>>, other = 0): number[][] {
  return Array.from({ length: layers }, (_, i) =>
    Array.from({ length: layers }, (__, j) =>
      i === j ? 1 : (pairs[`${Math.min(i, j)},${Math.max(i, j)}`] ?? other),
    ),
  );
}

interface Lived {
  readonly maps: string[];
  /** Windows in which something was measured. */
  readonly asked: number[];
  readonly decisions: Decision[];
}

/** Windows `from` to `windows`, in which gradients agree as `table` says. */
async function live(
  controller: Controller,
  windows: number,
  table: (window: number) => LayerTable,
  { from = 0, start }: { from?: number; start?: TieMap } = {},
): Promise<Lived> {
  let tieMap: TieMap = start ?? controller.initial!(table(0).length);
  const lived: Lived = { maps: [], asked: [], decisions: [] };
  for (let window = from; window < windows; window += 1) {
    const bare = worldObservation(window, tieMap, [], window / windows);
    const wanted = controller.wants!(bare);
    if (wanted !== undefined) lived.asked.push(window);
    const measured = wanted === 'gradient-cosine' ? { kind: wanted, matrix: table(window) } : undefined;
    const decision = await controller.decide!({ ...bare, ...(measured && { measured }) }, random);
    if (decision.kind === 'map') tieMap = canonicalTieMap(decision.tieMap);
    lived.maps.push(tieMap.join('-'));
    lived.decisions.push(decision);
  }
  return lived;
}

const make = (options: GradientConflictOptionsInput, layers: number): Controller =>
  createGradientConflict(options, { layers });

describe('merging', () => {
  it('begins untied, takes the neighbours that agree most, on its schedule, and measures until it is over', async () => {
    const table = planted(5, { '0,1': 0.3, '1,2': 0.1, '2,3': 0.6, '3,4': 0.2, '0,4': 0.9 });
    const controller = make({ blocks: 2, from: 0.2, until: 0.8, every: 3 }, 5);
    const { maps, asked } = await live(controller, 10, () => table);
    expect(maps).toEqual([
      ...['0-1-2-3-4', '0-1-2-3-4', '0-1-2-3-4', '0-1-2-3-4'],
      ...['0-1-2-2-4', '0-1-2-2-4', '0-0-2-2-4', '0-0-2-2-4'],
      // {0,1} with {2,3}: 0.1 / 4; {2,3} with 4: 0.2 / 2.
      ...['0-0-2-2-2', '0-0-2-2-2'],
    ]);
    expect(asked).toEqual([0, 3, 6]);
  });

  it('goes by a moving average: a single measurement does not decide', async () => {
    const usual = planted(3, { '0,1': 0.2 });
    const outlier = planted(3, { '1,2': 0.3 });
    const lastOne = (window: number): LayerTable => (window === 4 ? outlier : usual);
    const options = { blocks: 2, from: 0, until: 0.4, every: 1 };
    expect((await live(make(options, 3), 10, lastOne)).maps.at(-1)).toBe('0-0-2');
    // Without a memory it does.
    expect((await live(make({ ...options, memory: 0 }, 3), 10, lastOne)).maps.at(-1)).toBe('0-1-1');
  });

  it('keeps the map where nobody measures', async () => {
    const controller = make({ blocks: 1, from: 0, until: 0 }, 3);
    const observation = worldObservation(0, [0, 1, 2], [], 0.5);
    expect(await controller.decide!(observation, random)).toEqual({ kind: 'keep' });
  });
});

describe('splitting', () => {
  /** Layers 0 and 1 agree at first and then do not; 2 and 3 always do. */
  const turned = planted(4, { '0,1': -0.4, '2,3': 0.3 });
  const before = planted(4, { '0,1': 0.5, '2,3': 0.3 });
  const options = { blocks: 3, from: 0, until: 0.9, every: 1, memory: 0 };

  it('gives the layers of a block that disagree blocks of their own, and merges others in its place', async () => {
    // The one merge is due in the last of nine tenths: it is there from the start here.
    const start = [0, 0, 2, 3];
    const { maps, decisions } = await live(make(options, 4), 20, (window) => (window < 5 ? before : turned), {
      start,
    });
    expect(maps.slice(0, 5)).toEqual(new Array(5).fill('0-0-2-3'));
    expect(maps[5]).toBe('0-1-2-2');
    expect(new Set(maps.slice(5))).toEqual(new Set(['0-1-2-2']));
    expect(decisions[5]!.notes).toEqual({ agreements: { '0|1': -0.4, '2+3': 0.3 } });
  });

  it('does not flip: what was merged in the place of the split has to fall below the threshold itself', async () => {
    const wobble = (window: number): LayerTable =>
      planted(4, window % 2 === 0 ? { '0,1': 0.04, '2,3': -0.02 } : { '0,1': -0.02, '2,3': 0.04 });
    // Within the margin of 0.05 nothing is exchanged, however often the sides change.
    const { maps } = await live(make(options, 4), 20, wobble, { start: [0, 0, 2, 3] });
    expect(new Set(maps.slice(0, -2))).toEqual(new Set(['0-0-2-3']));
    // Without a margin it would.
    const eager = await live(make({ ...options, margin: 0 }, 4), 20, wobble, { start: [0, 0, 2, 3] });
    expect(new Set(eager.maps).size).toBeGreaterThan(1);
  });

  it('is over at `until`, whatever the gradients do then', async () => {
    const late = await live(
      make({ ...options, until: 0.5 }, 4),
      20,
      (window) => (window < 10 ? before : turned),
      { start: [0, 0, 2, 3] },
    );
    expect(new Set(late.maps)).toEqual(new Set(['0-0-2-3']));
    expect(Math.max(...late.asked)).toBe(9);
  });

  it('cuts where the parts agree least, by hand', () => {
    // {0,1} and {2} of one block: 0 and 1 agree, 2 with neither. 3 and 4 agree.
    const table = planted(5, { '0,1': 0.4, '0,2': -0.5, '1,2': -0.3, '3,4': 0.2 });
    const rule = { threshold: 0, margin: 0.05 };
    const found = exchange([0, 0, 0, 3, 4], table, rule)!;
    expect(found.tieMap).toEqual([0, 0, 2, 3, 3]);
    expect(found.split).toMatchObject({ block: 0, at: 2 });
    expect(found.split.agreement).toBeCloseTo(-0.4, 12);
    expect(found.merged).toEqual({ first: 3, second: 4, agreement: 0.2 });
    // A mean of -0.13 is above -0.2, and neighbours that agree by 0.2 are not worth a margin of 0.3.
    expect(exchange([0, 0, 0, 3, 4], table, { threshold: -0.2, margin: 0.05 })).toBeUndefined();
    expect(exchange([0, 0, 0, 3, 4], table, { threshold: 0, margin: 0.3 })).toBeUndefined();
  });
});

describe('for tables and maps by chance', () => {
  const layers = 5;
  const cosine = fc.float({ min: -1, max: 1, noNaN: true });
  const tables = fc.array(cosine, { minLength: 10, maxLength: 10 }).map((values) => {
    const table = planted(layers, {});
    let at = 0;
    for (let i = 0; i < layers; i += 1)
      for (let j = i + 1; j < layers; j += 1) table[i]![j] = table[j]![i] = values[at++]!;
    return table;
  });

  it('an exchange leaves the number of blocks, and under one table they come to an end', () => {
    fc.assert(
      fc.property(
        tables,
        fc.constantFrom(...allTieMaps(layers)),
        fc.float({ min: Math.fround(-0.5), max: 0.5, noNaN: true }),
        (table, start, threshold) => {
          const seen = new Set<string>();
          let map: readonly number[] = start;
          for (;;) {
            expect(seen.has(map.join())).toBe(false);
            seen.add(map.join());
            const next = exchange(map, table, { threshold, margin: 0 });
            if (!next) break;
            expect(independentLayers(next.tieMap)).toHaveLength(independentLayers(map).length);
            map = next.tieMap;
          }
        },
      ),
    );
  });

  it('a run ends with exactly the blocks that were asked for, and never has fewer on its way', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: layers }),
        // The last window has to begin behind `until`.
        fc.integer({ min: 3, max: 25 }),
        fc.array(tables, { minLength: 25, maxLength: 25 }),
        async (blocks, windows, many) => {
          const options = { blocks, from: 0.1, until: 0.6, every: 1, memory: 0.3 };
          const { maps } = await live(make(options, layers), windows, (window) => many[window]!);
          const counts = maps.map((map) => independentLayers(map.split('-').map(Number)).length);
          expect(counts.at(-1)).toBe(blocks);
          counts.forEach((count, window) => {
            expect(count).toBeGreaterThanOrEqual(blocks);
            if (window / windows >= 0.6) expect(maps[window]).toBe(maps.at(-1));
          });
        },
      ),
      { numRuns: 40 },
    );
  });

  it('goes on from a snapshot as if it had never stopped', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 19 }),
        fc.array(tables, { minLength: 20, maxLength: 20 }),
        async (stop, many) => {
          const options = { blocks: 2, from: 0, until: 0.9, every: 2 };
          const table = (window: number): LayerTable => many[window]!;
          const whole = await live(make(options, layers), 20, table);
          const first = make(options, layers);
          // Only as many windows are lived, of the same budget.
          let tieMap: TieMap = first.initial!(layers);
          for (let window = 0; window < stop; window += 1) {
            const bare = worldObservation(window, tieMap, [], window / 20);
            const wanted = first.wants!(bare);
            const measured = { kind: 'gradient-cosine', matrix: table(window) } as const;
            const decision = await first.decide!({ ...bare, ...(wanted && { measured }) }, random);
            if (decision.kind === 'map') tieMap = canonicalTieMap(decision.tieMap);
          }
          const second = make(options, layers);
          second.restore(JSON.parse(JSON.stringify(first.snapshot())) as never);
          const rest = await live(second, 20, table, { from: stop, start: tieMap });
          expect(rest.maps).toEqual(whole.maps.slice(stop));
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('the moving average', () => {
  const constant = (value: number): number[][] => [
    [1, value],
    [value, 1],
  ];

  it('is the mean with weights that fall by the memory, from the first measurement on', () => {
    const average = new MovingTable(2, 0.5);
    expect(average.mean).toBeUndefined();
    average.add(constant(0.2));
    expect(average.mean![0]![1]).toBeCloseTo(0.2, 12);
    average.add(constant(0.8));
    // (0.5 x 0.2 + 1 x 0.8) / 1.5
    expect(average.mean![0]![1]).toBeCloseTo(0.6, 12);
    expect(average.mean![0]![0]).toBeCloseTo(1, 12);
  });

  it.each([
    [null],
    [{ sums: [[1]], weight: 0.5 }],
    [{ sums: constant(0), weight: 2 }],
    [{ sums: [], weight: 0.5 }],
  ])('refuses the state %j', (state) => {
    const controller = make({}, 2);
    expect(() => controller.restore(state as never)).toThrow(ContractError);
  });
});

describe('options', () => {
  it.each([
    [{ blocks: 5 }, /blocks: 5, but there are 4 layers/],
    [{ every: 0 }, /every/],
    [{ memory: 1 }, /memory/],
    [{ margn: 0 }, /margn/],
  ])('%j are refused', (options, found) => {
    const attempt = (): Controller => make(options as GradientConflictOptionsInput, 4);
    expect(attempt).toThrow(InputError);
    expect(attempt).toThrow(found);
  });
});
