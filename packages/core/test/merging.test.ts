import { describe, expect, it } from 'vitest';
import {
  assertMergeSchedule,
  finalBlocks,
  mergeablePairs,
  mergedMap,
  mergesDue,
  scheduledBlocks,
} from '@ligature/core';

describe('scheduledBlocks', () => {
  const schedule = { blocks: 4, from: 0.1, until: 0.5 };

  it('leaves the stack as it is up to `from`, and then takes one block away at equal distances', () => {
    const at = [0, 0.09, 0.1, 0.19, 0.2, 0.3, 0.39, 0.4, 0.49, 0.5, 1];
    expect(at.map((progress) => scheduledBlocks(progress, 8, schedule))).toEqual([
      8, 8, 8, 8, 7, 6, 6, 5, 5, 4, 4,
    ]);
  });

  it('takes all away at once where from and until are one', () => {
    const atOnce = { blocks: 2, from: 0.3, until: 0.3 };
    expect([0.29, 0.3].map((progress) => scheduledBlocks(progress, 4, atOnce))).toEqual([4, 2]);
  });

  it('never asks for more blocks than there are layers', () => {
    expect(scheduledBlocks(1, 3, { ...schedule, blocks: 5 })).toBe(3);
  });

  it('ends with round(H_L) blocks where nothing else is said: 3 of 8 layers', () => {
    expect(finalBlocks({ blocks: null }, 8)).toBe(3);
    expect(scheduledBlocks(1, 8, { ...schedule, blocks: null })).toBe(3);
  });
});

describe('mergesDue', () => {
  const schedule = { blocks: 2, from: 0.2, until: 0.6 };
  const due = (tieMap: number[], progress: number): number =>
    mergesDue({ tieMap, layers: 4, progress }, schedule);

  it('counts the blocks that a map has too many, never fewer than none', () => {
    expect([0.1, 0.4, 0.6].map((progress) => due([0, 1, 2, 3], progress))).toEqual([0, 1, 2]);
    expect(due([0, 0, 0, 3], 0.4)).toBe(0);
    // Not canonical: layer 2 uses what layer 1 uses.
    expect(due([0, 0, 1, 3], 0.6)).toBe(0);
  });

  it('is none of schedules that cannot be: they are refused by name', () => {
    const assert = (wrong: object) => () => assertMergeSchedule({ ...schedule, ...wrong }, 4, 'mine');
    expect(assert({})).not.toThrow();
    expect(assert({ blocks: 5 })).toThrow(/mine.*blocks: 5, but there are 4 layers/s);
    expect(assert({ from: 0.7 })).toThrow(/from: 0.7 comes after until: 0.6/);
  });
});

describe('mergeablePairs', () => {
  it('finds the blocks that have layers next to each other', () => {
    expect(mergeablePairs([0, 1, 0, 3])).toEqual([
      { first: 0, second: 1 },
      { first: 0, second: 3 },
    ]);
  });

  it('finds every pair of blocks where neighbourhood does not count', () => {
    expect(mergeablePairs([0, 1, 0, 3], false)).toHaveLength(3);
  });

  it('finds none in one block', () => {
    expect(mergeablePairs([0, 0, 0])).toEqual([]);
  });
});

describe('mergedMap', () => {
  it('makes one block of two, under the root that comes first, whichever is named first', () => {
    expect(mergedMap([0, 1, 0, 3, 1], 3, 1)).toEqual([0, 1, 0, 1, 1]);
    expect(mergedMap([0, 1, 1, 3], 0, 1)).toEqual([0, 0, 0, 3]);
  });
});
