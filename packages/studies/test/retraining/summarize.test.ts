/** What a retraining says of losses that are made up, and the law by which other maps are drawn. */
import { independentLayers, isCanonical, runConfigSchema } from '@ligature/core';
import type { TrialResult } from '@ligature/core';
import { LANGUAGE_MODEL } from '@ligature/run';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  drawOtherMaps,
  mapsWithAsManyBlocks,
  planRetraining,
  summarizeRetraining,
  type Retraining,
  type RetrainingSettings,
} from '../../src/index.js';

const SETTINGS: RetrainingSettings = {
  run: {
    ...{ folder: 'runs/one', controller: 'q-learning', seed: 1, steps: 40, budget: 40 },
    ...{ tieMap: [0, 0, 2, 0], blocks: 2, loss: 5.2 },
  },
  randomMaps: [
    [0, 1, 0, 0],
    [0, 1, 1, 0],
  ],
  long: true,
};

function retrainingOf(
  loss: (label: string, seed: number) => number,
  { seeds = 5, settings = SETTINGS }: { seeds?: number | number[]; settings?: RetrainingSettings } = {},
): Retraining {
  const config = runConfigSchema.parse({ model: { layers: 4 }, compare: { seeds } });
  const trials = planRetraining(config, settings);
  const finished = trials.map(({ planned: trial }) => ({
    trial,
    result: {
      ...LANGUAGE_MODEL,
      test: { nats: loss(trial.label, trial.seed) },
      ledger: { uniqueParameters: 120 },
      data: { vocabularySize: 256 },
      backend: { name: 'cpu', version: '0', detail: 'tfjs' },
    } as unknown as TrialResult,
  }));
  return summarizeRetraining(settings, trials, { config, finished, failed: [] });
}

describe('a retraining', () => {
  it('shows that the map matters where it beats the mean of random ones, seed by seed', () => {
    const losses: Record<string, number> = { found: 5, 'random 0-1-0-0': 5.3, 'random 0-1-1-0': 5.1 };
    const wobble = [0.01, -0.01, 0.005, 0, -0.005];
    const found = retrainingOf((label, seed) => {
      const level = (losses[label] ?? 4.9) + seed;
      return label === 'found' ? level + (wobble[seed - 1] as number) : level;
    });
    expect(found.map?.difference.mean).toBeCloseTo(-0.2, 12);
    expect(found.map?.finding).toBe('lower');
    expect(found.againstEach.map(({ difference }) => difference.mean.toFixed(3))).toEqual([
      '-0.300',
      '-0.100',
    ]);
    expect(found.verdict).toContain('The found map itself matters');
    expect(found.verdict).toContain('better than 2 of them');
    // All of them go on from one checkpoint.
    expect(found.history).toMatchObject({ finding: 'untested', p: null, seeds: [1, 2, 3, 4, 5] });
    expect(found.verdict).toContain('they are one history, and nothing is shown about histories');
    expect(found.mapsWithAsManyBlocks).toBe('7');
  });

  it('sets the run beside a prediction interval of its map, as t.ppf and numpy give it', () => {
    // x.mean() -+ stats.t.ppf(.975, 4) * x.std(ddof=1) * np.sqrt(1 + 1/5), scipy 1.17.1
    const values = [5.289, 5.301, 5.275, 5.312, 5.294];
    const found = retrainingOf((label, seed) => (label === 'found' ? (values[seed - 1] as number) : 5.3));
    expect(found.reached?.low).toBeCloseTo(5.252309708771789, 10);
    expect(found.reached?.high).toBeCloseTo(5.336090291228211, 10);
    expect(found.reached?.minusFoundAtItsSeed).toBeCloseTo(5.2 - 5.289, 12);
    expect(found.verdict).toContain('That is below [5.252, 5.336]');
  });

  it('tests nothing with one seed, and says what a lack of maps means', () => {
    const one = retrainingOf(() => 5, { seeds: 1 });
    expect(one.map?.finding).toBe('untested');
    expect(one.verdict).toContain('one seed tests nothing');
    const alone = retrainingOf(() => 5, {
      settings: {
        run: { ...SETTINGS.run, tieMap: [0, 0, 0, 0], blocks: 1, loss: null },
        randomMaps: [],
        long: false,
      },
    });
    expect(alone.map).toBeNull();
    expect(alone.history).toBeNull();
    expect(alone.verdict).toContain('the map and its number of blocks are the same thing');
    expect(alone.verdict).toContain('says nothing about its history');
    expect(alone.verdict).toContain('was not finished');
  });
});

describe('other maps with as many blocks', () => {
  const maps = fc
    .array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 7 })
    .map((blocks) => blocks.map((block) => blocks.indexOf(block)));

  it('are canonical, distinct, never the map itself, and as many as there are at most', () => {
    fc.assert(
      fc.property(maps, fc.integer({ min: 0, max: 5 }), fc.nat(), (map, count, seed) => {
        const others = drawOtherMaps(map, count, seed);
        const there = Number(mapsWithAsManyBlocks(map)) - 1;
        expect(others).toHaveLength(Math.min(count, there));
        expect(new Set([map, ...others].map((one) => one.join())).size).toBe(others.length + 1);
        for (const other of others) {
          expect(isCanonical(other)).toBe(true);
          expect(independentLayers(other)).toHaveLength(independentLayers(map).length);
        }
        expect(drawOtherMaps(map, count, seed)).toEqual(others);
      }),
    );
  });

  it('are each equally likely', () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 1200; seed += 1) {
      const [map] = drawOtherMaps([0, 0, 2, 0], 1, seed) as [number[]];
      counts.set(map.join(), (counts.get(map.join()) ?? 0) + 1);
    }
    // S(4, 2) = 7, without itself 6: 200 each, deviation 12.9.
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 200)).toBeLessThan(65);
  });
});
