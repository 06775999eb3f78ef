/** What a landscape says of losses that are made up, so that it is known what it has to say. */
import {
  createRandomStream,
  runConfigSchema,
  type FinishedTrial,
  type TieMap,
  type TrialResult,
} from '@ligature/core';
import { LANGUAGE_MODEL } from '@ligature/run';
import { describe, expect, it } from 'vitest';
import {
  landscapeSettingsSchema,
  planLandscape,
  summarizeLandscape,
  type Landscape,
} from '../../src/index.js';

interface Made {
  /** On the test split. */
  readonly loss: number;
  /** Left out: the same. */
  readonly validation?: number;
  /** Where a controller ends; a fixed map is itself. */
  readonly tieMap?: TieMap;
}

/** A landscape whose trials have the losses that `make` says; `undefined`: not finished, an error: failed. */
function landscapeOf(
  { layers, seeds, controllers = [] }: { layers: number; seeds: number; controllers?: string[] },
  make: (label: string, seed: number) => Made | Error | undefined,
): Landscape {
  const config = runConfigSchema.parse({ model: { layers }, compare: { seeds } });
  const plan = planLandscape(
    config,
    landscapeSettingsSchema.parse({ controllers: controllers.map((name) => ({ name, options: {} })) }),
  );
  const failed: Landscape['failed'][number][] = [];
  const finished = plan.trials.flatMap((one): FinishedTrial[] => {
    const made = make(one.label, one.seed);
    if (made === undefined) return [];
    if (made instanceof Error) {
      failed.push({ controller: one.label, seed: one.seed, message: made.message });
      return [];
    }
    const tieMap = plan.maps.get(one.label) ?? made.tieMap ?? [];
    const blocks = new Set(tieMap).size;
    const result = {
      ...LANGUAGE_MODEL,
      seed: one.seed,
      validation: { nats: made.validation ?? made.loss },
      test: { nats: made.loss },
      tieMap,
      ledger: { uniqueParameters: 100 + 10 * blocks, trainableParameters: 100 + 10 * blocks },
      data: { vocabularySize: 256 },
      backend: { name: 'cpu', version: '0', detail: 'tfjs' },
    };
    return [{ trial: one, result: result as unknown as TrialResult }];
  });
  return summarizeLandscape(plan, { config, finished, failed });
}

const LOSSES: Record<string, number> = { '0-0-0': 3, '0-0-2': 2.4, '0-1-0': 2.6, '0-1-1': 2.5, '0-1-2': 2 };
/** The same order on every seed, differences that are all but constant. */
const clear = (label: string, seed: number): Made => ({
  loss:
    (LOSSES[label] as number) + 0.5 * seed + 0.001 * Math.sin(seed * 7 + label.length + LOSSES[label]! * 99),
});

describe('a landscape', () => {
  it('ranks maps by their mean, and calls the best one best where every other is shown to be worse', () => {
    const found = landscapeOf({ layers: 3, seeds: 5 }, clear);
    expect(found.maps.map(({ label }) => label)).toEqual(['0-1-2', '0-0-2', '0-1-1', '0-1-0', '0-0-0']);
    expect(found.maps.map(({ blocks, uniqueParameters }) => [blocks, uniqueParameters])).toEqual([
      ...[
        [3, 130],
        [2, 120],
        [2, 120],
        [2, 120],
      ],
      [1, 110],
    ]);
    expect(found.best).toEqual({ label: '0-1-2', runnerUp: '0-0-2', shownBest: true, notShownWorse: [] });
    expect(found.verdict).toContain('every other one is shown to be worse');
    expect(found.front).toEqual(['0-0-0', '0-0-2', '0-1-2']);
    expect(found.maps.filter(({ frontSeeds }) => frontSeeds.length === 5)).toHaveLength(3);
    expect(found.stability).toMatchObject({ meanTau: 1, meanTauWithinBlocks: 1 });
    expect(found.stability.pairs).toHaveLength(10);
    // Means 3; 2.4 2.5 2.6; 2: between 0.5, within 0.02 of 0.52 in all (about: the noise is 0.001).
    expect(found.blocksEffect.etaSquared).toBeCloseTo(0.5 / 0.52, 2);
    expect(found.blocksEffect.groups.map(({ bestMap }) => bestMap)).toEqual(['0-0-0', '0-0-2', '0-1-2']);
  });

  it('names no best map among equals: 15 maps without a difference, 5 seeds, 400 times', () => {
    let named = 0;
    for (let time = 0; time < 400; time += 1) {
      const random = createRandomStream(time, 'equal maps');
      const { best } = landscapeOf({ layers: 4, seeds: 5 }, () => ({ loss: 4 + 0.1 * random.normal() }));
      if (best?.shownBest) named += 1;
    }
    expect(named / 400).toBeLessThan(0.05);
  });

  it('chooses by validation, whatever the test split says', () => {
    // The order on the test split is the other way round.
    const found = landscapeOf({ layers: 3, seeds: 4, controllers: ['learner'] }, (label, seed) =>
      label === 'learner'
        ? { loss: 2, validation: 2, tieMap: [0, 1, 0] }
        : { loss: -clear(label, seed).loss, validation: clear(label, seed).loss },
    );
    expect(found.maps.map(({ label }) => label)).toEqual(['0-1-2', '0-0-2', '0-1-1', '0-1-0', '0-0-0']);
    expect(found.front).toEqual(['0-0-0', '0-0-2', '0-1-2']);
    expect(found.blocksEffect.groups.map(({ bestMap }) => bestMap)).toEqual(['0-0-0', '0-0-2', '0-1-2']);
    expect(found.best).toMatchObject({ label: '0-1-2', shownBest: false });
    expect(found.maps[1]?.againstBest?.finding).toBe('lower');
    // Regret is against the map that validation chose, on the test split.
    const [regret] = found.controllers[0]!.seeds;
    expect(regret?.againstBest).toBeCloseTo(2 + clear('0-1-2', 1).loss, 12);
  });

  it('claims nothing before the seeds that were planned are whole', () => {
    const found = landscapeOf({ layers: 3, seeds: 5 }, (label, seed) =>
      seed > 3 ? undefined : clear(label, seed),
    );
    expect(found.best).toMatchObject({ label: '0-1-2', shownBest: false });
    expect(found.maps[1]?.againstBest?.finding).toBe('incomplete');
    expect(found.verdict).toContain('over 3 of 5 seeds, so no map is called the best yet');
  });

  it('of one seed tests nothing and says so', () => {
    const found = landscapeOf({ layers: 3, seeds: 1 }, clear);
    expect(found.best).toMatchObject({ shownBest: false });
    expect(found.stability.meanTau).toBeNull();
    expect(found.verdict).toMatch(/no map is called the best.*One seed says nothing/s);
  });

  it('counts the seeds on which every map was tried, and leaves maps out that failed there', () => {
    const found = landscapeOf({ layers: 3, seeds: 3 }, (label, seed) => {
      if (seed === 3 && label !== '0-0-0') return undefined;
      if (seed === 2 && label === '0-1-1') return new Error('diverged');
      if (seed === 1 && label === '0-1-0') return { loss: Number.NaN };
      return clear(label, seed);
    });
    expect(found.seeds).toEqual([1, 2]);
    expect(found.askedSeeds).toEqual([1, 2, 3]);
    expect(found.unfinished).toBe(4);
    expect(found.maps.map(({ label }) => label)).toEqual(['0-1-2', '0-0-2', '0-0-0']);
    expect(found.failed.map(({ controller, seed }) => `${controller} ${seed}`)).toEqual([
      '0-1-1 2',
      '0-1-0 1',
    ]);
    const nothing = landscapeOf({ layers: 3, seeds: 1 }, () => undefined);
    expect(nothing).toMatchObject({ seeds: [], maps: [], best: null, unfinished: 5 });
    expect(nothing.verdict).toContain('nothing is ranked yet');
  });

  it('measures regret against the best map, the best as small, and the best with as many blocks', () => {
    const exact = (label: string, seed: number): Made => ({ loss: (LOSSES[label] as number) + seed });
    const found = landscapeOf({ layers: 3, seeds: 3, controllers: ['learner', 'untied'] }, (label, seed) => {
      // Ends at 0-1-0; its own model is at 2.75.
      if (label === 'learner') return { loss: 2.75 + seed, tieMap: [0, 1, 0] };
      if (label === 'untied') return { loss: 2.1 + seed, tieMap: [0, 1, 2] };
      return exact(label, seed);
    });
    const [learner, untied] = found.controllers;
    expect(learner?.againstBest?.mean).toBeCloseTo(0.75, 12);
    expect(learner?.againstAsSmall?.mean).toBeCloseTo(0.35, 12);
    expect(learner?.ofMap?.mean).toBeCloseTo(0.2, 12);
    expect(learner?.seeds[0]?.ofRandomMap).toBeCloseTo(0.1, 12);
    // Its map is 0.1 above the mean of the three maps with two blocks on every seed: shown to be worse than chance.
    expect(learner?.chance?.difference.mean).toBeCloseTo(0.1, 12);
    expect(learner?.chance?.finding).toBe('higher');
    expect(untied?.againstBest?.mean).toBeCloseTo(0.1, 12);
    expect(untied?.ofMap?.mean).toBe(0);
    // There is one map with three blocks: nothing was chosen among.
    expect(untied?.chance).toBeNull();
    expect(found.verdict).toContain('shown to be worse than random ones');
  });
});
