/** Several retrained runs: what is planned, and what is said of losses that are made up. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runConfigSchema } from '@ligature/core';
import type { TrialResult } from '@ligature/core';
import { LANGUAGE_MODEL } from '@ligature/run';
import { describe, expect, it } from 'vitest';
import {
  planRetrainedSources,
  presentRetrainedSources,
  summarizeRetrainedSources,
  type RetrainedSources,
  type RetrainedSourcesSettings,
  type SourceTrial,
} from '../../src/index.js';
import { ownSeeds } from '../../src/retraining/sources/plan.js';
import { runFolders } from '../../src/retraining/sources/read.js';
import { withFolder } from '../../../run/test/tiny-run.js';

const MAPS = [
  [0, 0, 2, 0],
  [0, 1, 1, 1],
  [0, 0, 0, 3],
  [0, 0, 2, 2],
  [0, 1, 0, 1],
];

function settingsOf(sources: number, each = 2): RetrainedSourcesSettings {
  const runs = Array.from({ length: sources }, (_, index) => index + 1);
  const seeds = ownSeeds(runs, each);
  return {
    long: true,
    sources: runs.map((seed, index) => ({
      run: {
        ...{ folder: `runs/q-seed-${seed}`, controller: 'q-learning', seed, steps: 40, budget: 40 },
        ...{ tieMap: MAPS[index] as number[], blocks: 2, loss: 5 + seed / 10 },
      },
      randomMaps: [
        [0, 1, 0, 0],
        [0, 1, 1, 0],
      ],
      seeds: seeds[index] as number[],
    })),
  };
}

interface Simulated {
  readonly settings?: RetrainedSourcesSettings;
  readonly margin?: number;
  /** Trials that have no result. */
  readonly lost?: (trial: SourceTrial) => boolean;
}

function retrained(
  loss: (trial: SourceTrial) => number,
  { settings = settingsOf(3), margin, lost = () => false }: Simulated = {},
): RetrainedSources {
  const config = runConfigSchema.parse({ model: { layers: 4 }, compare: { margin } });
  const trials = planRetrainedSources(config, settings);
  const finished = trials
    .filter((trial) => !lost(trial))
    .map((trial) => ({
      trial: trial.planned,
      result: {
        ...LANGUAGE_MODEL,
        test: { nats: loss(trial) },
        ledger: { uniqueParameters: 120 },
        data: { vocabularySize: 256 },
        backend: { name: 'cpu', version: '0', detail: 'tfjs' },
      } as unknown as TrialResult,
    }));
  const failed = trials
    .filter(lost)
    .map(({ planned: { label, seed } }) => ({ controller: label, seed, message: 'gone' }));
  return summarizeRetrainedSources(settings, trials, { config, finished, failed });
}

/** The found maps lie below the random ones by this much, each source at a level of its own; seeds hardly differ. */
const below =
  (gains: readonly number[], noise = 1e-3) =>
  ({ source, arm, planned: { seed } }: SourceTrial): number =>
    5 +
    source +
    seed / 8 -
    (arm === 'found' ? (gains[source - 1] as number) + noise * (seed % 2 ? 1 : -1) : 0);

describe('the plan of several sources', () => {
  it('gives every source seeds of its own, which no source and no run has', () => {
    expect(ownSeeds([1, 4, 2], 2)).toEqual([
      [5, 6],
      [7, 8],
      [9, 10],
    ]);
    const trials = planRetrainedSources(runConfigSchema.parse({}), settingsOf(3));
    const of = (source: number) => [
      ...new Set(trials.filter((one) => one.source === source).map(({ planned }) => planned.seed)),
    ];
    expect([1, 2, 3].map(of)).toEqual([
      [4, 5],
      [6, 7],
      [8, 9],
    ]);
  });

  it('goes on from the checkpoint of each source, with the first seed of all sources before the second', () => {
    const trials = planRetrainedSources(runConfigSchema.parse({}), settingsOf(2));
    expect(new Set(trials.map(({ planned }) => planned.id)).size).toBe(2 * 2 * 5);
    expect(trials.slice(0, 10).map(({ source }) => source)).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
    const starts = trials
      .filter(({ arm }) => arm === 'continued')
      .map(({ source, planned }) => [source, planned.config.weights.from?.options['key']]);
    expect(starts).toEqual([
      [1, 'start-1'],
      [2, 'start-2'],
      [1, 'start-1'],
      [2, 'start-2'],
    ]);
  });
});

describe('several retrained sources', () => {
  it('are as many numbers as there are sources, however many seeds agree within each', () => {
    const found = retrained(below([0.1, 0.2, 0.3]), { settings: settingsOf(3, 8) });
    const { map } = found;
    expect(map?.differences.map((one) => one.toFixed(6))).toEqual(['-0.100000', '-0.200000', '-0.300000']);
    expect(map?.difference.n).toBe(3);
    // Two degrees of freedom have a closed form: t = -0.2 / (0.1 / sqrt(3)), p = 1 - |t| / sqrt(t² + 2).
    expect(map?.p).toBeCloseTo(1 - Math.sqrt(12 / 14), 8);
    expect(map?.finding).toBe('no-difference');
    // Over the 24 seeds it would be beyond doubt: each source has an interval far from zero.
    for (const source of found.sources) expect(source.map?.difference.high).toBeLessThan(-0.09);
    expect(found.verdict).toContain('are not shown to matter beyond their numbers of blocks');
    expect(found.verdict).toContain('over 3 sources; 80 % power from');
    expect(found.verdict).toContain('The units are 3 sources');
  });

  it('are shown to matter where sources agree, and the sizes are in sources', () => {
    const settings = settingsOf(5);
    const found = retrained(below([0.21, 0.19, 0.2, 0.22, 0.18]), { settings, margin: 0.05 });
    expect(found.map).toMatchObject({ finding: 'lower', planned: 5, sources: [1, 2, 3, 4, 5] });
    expect(found.map?.sensitivity?.pairsForMargin).toBeGreaterThan(2);
    expect(found.verdict).toContain('The maps that q-learning finds matter');
    const page = JSON.stringify(presentRetrainedSources(found));
    for (const text of ['Sources for margin', 'source 5', 'all sources', '2 seeds of its own'])
      expect(page).toContain(text);
  });

  it('test histories, of which each source is one', () => {
    const helped = [0.1, 0.12, 0.11];
    const found = retrained(
      ({ source, arm }) => 5 - (arm === 'continued' ? (helped[source - 1] as number) : 0),
    );
    expect(found.history).toMatchObject({ finding: 'lower', first: 'continued', second: 'found-long' });
    expect(found.map?.finding).toBe('identical');
    expect(found.verdict).toContain('The training history helps');
  });

  it('claim nothing with two of them, nor where trials of the favoured side are missing', () => {
    const two = retrained(below([0.2, 0.21]), { settings: settingsOf(2) });
    expect(two.map?.finding).toBe('untested');
    expect(two.verdict).toContain('not tested, for want of 3 sources');
    const gains = [0.2, 0.21, 0.19];
    const lacking = (arm: string) =>
      retrained(below(gains), { lost: (one) => one.arm === arm && one.planned.seed === 4 });
    expect(lacking('found').map).toMatchObject({ finding: 'incomplete', planned: 3 });
    expect(lacking('found').sources[0]?.map?.seeds).toEqual([5]);
    // A missing trial of the other side says nothing for the found maps.
    expect(lacking('random').map?.finding).toBe('lower');
    const without = retrained(below(gains), { lost: ({ arm, source }) => arm === 'found' && source === 2 });
    expect(without.map).toMatchObject({ sources: [1, 3], planned: 3, finding: 'untested' });
  });

  it('say nothing of maps that have no others beside them', () => {
    const { sources, long } = settingsOf(3);
    const alone = { long, sources: sources.map((one) => ({ ...one, randomMaps: [] })) };
    const found = retrained(() => 5, { settings: alone });
    expect(found.map).toBeNull();
    expect(found.verdict).toContain('No random map was trained');
  });
});

describe('the folders of sources', () => {
  it('are those that were named, and of a comparison those of one controller', async () => {
    await withFolder((folder) => {
      const compare = { controllers: ['none', '0-0-2'].map((name) => ({ name })), seeds: [3, 5] };
      const plan = {
        format: 2,
        study: 'comparison',
        config: runConfigSchema.parse({ compare }),
        settings: {},
      };
      writeFileSync(join(folder, 'plan.json'), JSON.stringify(plan));
      const named = { named: 'runs/c', found: folder };
      const alone = { named: 'runs/a', found: join(folder, 'a') };
      expect(runFolders([alone, named], '0-0-2')).toEqual([
        alone,
        ...['0-0-2-seed-3', '0-0-2-seed-5'].map((id) => ({
          named: join('runs/c', id),
          found: join(folder, id),
        })),
      ]);
      expect(() => runFolders([named], undefined)).toThrow('it has runs of none, 0-0-2');
      expect(() => runFolders([named], 'random')).toThrow('it compares none, 0-0-2, and not random');
      return Promise.resolve();
    });
  });
});
