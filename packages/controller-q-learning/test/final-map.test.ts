/** The map that is kept once exploration has ended. */
import { createRandomStream } from '@ligature/core';
import type { Observation, TieMap } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { finalMap } from '../src/final-map.js';
import { Standardizer } from '../src/standardizer.js';
import { learner, observe } from './support.js';

const options = { head: 'compact', symmetry: 'collapse', blocks: null } as const;
// Layer 1: [1, 2]; layer 2: [3, 5, 4]; layer 3: [6, 9, 7, 8], the last one its own; the same in every state.
const flat = [1, 2, 3, 5, 4, 6, 9, 7, 8];
const independent = [0, 1, 2, 3];

describe('finalMap', () => {
  it('is where greedy sweeps end, solved by hand', () => {
    // Layer 1 stays (2 > 1), layer 2 uses it (5), layer 3 too (9).
    expect(finalMap(independent, () => flat, options)).toEqual([0, 1, 1, 1]);
    // From all tied: layer 1 leaves, then 2 and 3 follow it.
    expect(finalMap([0, 0, 0, 0], () => flat, options)).toEqual([0, 1, 1, 1]);
  });

  it('reads the values of the state that it has come to', () => {
    // Only once layer 1 is tied to 0 does layer 3 want a block of its own.
    const values = (map: TieMap): number[] =>
      map[1] === 0 ? [2, 1, 3, 0, 0, 0, 0, 0, 9] : [2, 1, 0, 0, 0, 5, 0, 0, 0];
    expect(finalMap(independent, values, options)).toEqual([0, 0, 0, 3]);
  });

  it('ends where greedy sweeps never do', () => {
    const values = (map: TieMap): number[] => (map[1] === 0 ? [0, 1] : [1, 0]);
    expect([
      [0, 0],
      [0, 1],
    ]).toContainEqual(finalMap([0, 1], values, options));
  });

  it.each([
    // Own against the best tie: layer 1 by 1, layer 2 by -1, layer 3 by -1; of equals the earlier one.
    [1, [0, 0, 0, 0]],
    [2, [0, 1, 1, 1]],
    [3, [0, 1, 2, 1]],
    [4, [0, 1, 2, 3]],
  ])('has exactly %d blocks when it is asked to', (blocks, expected) => {
    expect(finalMap(independent, () => flat, { ...options, blocks })).toEqual(expected);
  });

  it('has exactly so many blocks whatever the values are', () => {
    const random = createRandomStream(1, 'values');
    for (let round = 0; round < 200; round += 1) {
      const layers = random.integer(1, 8);
      const values = Array.from({ length: (layers * (layers + 1)) / 2 }, () => random.integer(-3, 4));
      const blocks = random.integer(1, layers + 1);
      const from = Array.from({ length: layers }, (_, layer) => layer);
      for (const symmetry of ['collapse', 'none'] as const) {
        const map = finalMap(from, () => values, { head: 'compact', symmetry, blocks });
        expect(new Set(map).size).toBe(blocks);
      }
    }
  });
});

describe('the end of exploration', () => {
  it('draws nothing for the map that is kept', () => {
    const random = createRandomStream(1, 'policy');
    const before = random.snapshot();
    learner(4).decide(observe(0, independent, independent, 4, 0.5), random);
    expect(random.snapshot()).toEqual(before);
  });

  it('lets epsilon fall evenly to the floor until then', () => {
    const random = createRandomStream(1, 'policy');
    const epsilon = (progress: number) =>
      learner(4, { epsilon: { floor: 0.2 } }).decide(
        observe(2, independent, independent, 4, progress),
        random,
      ).notes?.epsilon;
    expect([0, 0.125, 0.25, 0.499].map((at) => Math.round(1000 * epsilon(at)!) / 1000)).toEqual([
      1, 0.8, 0.6, 0.202,
    ]);
  });

  it('teaches nothing any more', () => {
    const controller = learner(4);
    const at = (window: number, progress: number): Observation =>
      observe(window, independent, independent, 4, progress);
    const decision = controller.decide(at(3, 0.5), createRandomStream(1, 'policy'));
    const transition = { observation: at(3, 0.5), decision, reward: 1, next: at(4, 0.6) };
    expect(controller.learn({ ...transition, terminated: false, truncated: false })).toBeUndefined();
  });

  it('keeps a map for each component that is decided on by itself', () => {
    const controller = learner(4, { blocks: 2 });
    const random = createRandomStream(1, 'policy');
    const kinds = ['mlp', 'attention', 'mlp', 'attention'].map(
      (component) =>
        controller.decide({ ...observe(3, independent, independent, 4, 0.6), component }, random).kind,
    );
    expect(kinds).toEqual(['map', 'map', 'keep', 'keep']);
    const restored = learner(4, { blocks: 2 });
    restored.restore(controller.snapshot());
    expect(
      restored.decide({ ...observe(3, independent, independent, 4, 0.6), component: 'mlp' }, random),
    ).toEqual({
      kind: 'keep',
    });
    expect(() =>
      restored.restore({ ...(controller.snapshot() as object), final: { mlp: [0, 9] } } as never),
    ).toThrow('no tie map of this stack');
  });

  it('cannot leave more blocks than there are layers', () => {
    expect(() => learner(4, { blocks: 5 })).toThrow('a stack of 4 layers has no map of so many blocks');
  });
});

describe('standardised rewards', () => {
  it('are distances from the mean in standard deviations of the population, all windows alike', () => {
    const standardizer = new Standardizer(1);
    const rewards = [2, 4, 4, 4, 5, 5, 7, 9];
    const passed = rewards.map((reward) => standardizer.pass(reward));
    // The mean of these eight is 5, their standard deviation 2.
    expect(passed[0]).toBe(0);
    expect(passed[1]).toBeCloseTo(1, 12);
    expect(passed[7]).toBeCloseTo(2, 12);
  });

  it('weigh windows by their age, as the sums written out do', () => {
    const decay = 0.8;
    const random = createRandomStream(2, 'rewards');
    const standardizer = new Standardizer(decay);
    const seen: number[] = [];
    for (let window = 0; window < 50; window += 1) {
      const reward = random.normal(1 - window / 25, 0.3);
      seen.push(reward);
      const weights = seen.map((_, at) => decay ** (window - at));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const mean = seen.reduce((sum, one, at) => sum + weights[at]! * one, 0) / total;
      const variance = seen.reduce((sum, one, at) => sum + weights[at]! * (one - mean) ** 2, 0) / total;
      const expected = variance > 0 ? (reward - mean) / Math.sqrt(variance) : 0;
      expect(standardizer.pass(reward)).toBeCloseTo(expected, 9);
    }
  });
});
