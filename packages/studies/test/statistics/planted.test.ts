/**
 * Whole comparisons of made-up trials whose truth is known: none, a small one, a large one, a large one with missing
 * trials. What "right" means in each of these worlds stands beside it; chance comes from streams of the house.
 */
import { createRandomStream, runConfigSchema, type FinishedTrial } from '@ligature/core';
import { LANGUAGE_MODEL, type TrialResult } from '@ligature/run';
import { describe, expect, it } from 'vitest';
import { planTrials, summarizeComparison, type Comparison } from '../../src/index.js';

const MARGIN = 0.01;
/** Standard deviation of a difference by seed, nats. */
const NOISE = 0.012;

interface World {
  readonly seeds: number;
  /** True difference of `arm` from `none`, nats. */
  readonly effect: number;
  /** Trials of `arm` that are missing: absent, or without a finite loss. */
  readonly missing?: { readonly seeds: readonly number[]; readonly diverged: boolean };
}

/** A third controller is as good as `none`, so that there is something to correct for and something to beat. */
function study(run: number, { seeds, effect, missing }: World): Comparison {
  const config = runConfigSchema.parse({
    compare: { controllers: ['none', 'arm', 'other'], seeds, margin: MARGIN },
  });
  const level = createRandomStream(run, 'planted/seeds');
  const bySeed = Array.from({ length: seeds }, () => level.normal(5, 0.1));
  const chance = createRandomStream(run, 'planted/chance');
  const finished = planTrials(config).flatMap((trial): FinishedTrial[] => {
    const own = chance.normal(0, NOISE / Math.SQRT2);
    const lost = trial.label === 'arm' && (missing?.seeds.includes(trial.seed) ?? false);
    if (lost && !missing?.diverged) return [];
    const nats = lost
      ? Number.NaN
      : (bySeed[trial.seed - 1] as number) + (trial.label === 'arm' ? effect : 0) + own;
    return [{ trial, result: result(trial.label, trial.seed, nats, trial.config) }];
  });
  return summarizeComparison({ config, trials: planTrials(config), finished, failed: [] });
}

const result = (controller: string, seed: number, nats: number, config: object): TrialResult =>
  ({
    ...{ controller, seed, ...LANGUAGE_MODEL, steps: 10, tokens: 500, config, outcome: 'completed' },
    ...{ validation: { nats: nats - 0.1 }, test: { nats }, summary: {}, losses: [], diagnostics: [] },
    ledger: {
      ...{ layers: 4, independentLayers: 4, totalParameters: 100 },
      ...{ uniqueParameters: 100, trainableParameters: 100 },
    },
    ...{ tieMap: [0], tieMaps: [], memory: { backendBytes: 1, residentBytes: 1 } },
    ...{ tokensPerSecond: 1, trainingSeconds: 1, folder: 'x', data: { trainingTokens: 1000 } },
    backend: { name: 'cpu', version: '1', detail: '' },
  }) as unknown as TrialResult;

const armOf = ({ statistics: { againstControl } }: Comparison) =>
  againstControl.find(({ controller }) => controller === 'arm');

const WORLDS: Readonly<
  Record<string, { world: (run: number) => World; right: (found: Comparison) => boolean }>
> = {
  /** Nothing is called different, and nobody the winner; that the two are alike within the margin may be shown. */
  none: {
    world: () => ({ seeds: 12, effect: 0 }),
    right: (found) =>
      found.statistics.winner === null &&
      found.statistics.againstControl.every(({ finding }) => finding !== 'lower' && finding !== 'higher'),
  },
  /** Larger than the margin: never equivalent, never the wrong way round; a null states what it could have shown. */
  small: {
    world: () => ({ seeds: 12, effect: -1.2 * MARGIN }),
    right: (found) => {
      const arm = armOf(found);
      if (arm?.finding === 'lower') return true;
      const detectable = arm?.sensitivity?.detectable ?? 0;
      return (
        arm?.finding === 'no-difference' &&
        detectable > 0.5 * NOISE &&
        found.verdict.includes(`80 % power from ${detectable.toFixed(3)} nats on`)
      );
    },
  },
  /** Three standard deviations: it is shown, and the winner is named. */
  large: {
    world: () => ({ seeds: 12, effect: -3 * NOISE }),
    right: (found) => armOf(found)?.finding === 'lower' && found.statistics.winner === 'arm',
  },
  /** The same, but one to three of five trials are lost: no claim in its favour, no winner, and the page says how many. */
  missing: {
    world: (run) => ({
      seeds: 5,
      effect: -5 * NOISE,
      missing: { seeds: [2, 4, 5].slice(0, 1 + (run % 3)), diverged: run % 2 === 0 },
    }),
    right: (found) => {
      const arm = armOf(found);
      const whole = 5 - (arm?.missing.controller ?? 0);
      return (
        found.statistics.winner === null &&
        ['incomplete', 'untested', 'no-difference'].includes(arm?.finding ?? '') &&
        found.verdict.includes(`Trials are missing: arm ${whole} of 5 seeds`) &&
        !found.verdict.startsWith('arm ')
      );
    },
  },
};

describe('a study with planted effects', () => {
  it('is judged right in 95 % of 400 runs', () => {
    const rights = Object.entries(WORLDS).map(([name, { world, right }]) => {
      const runs = Array.from({ length: 100 }, (_, run) => run);
      return [name, runs.filter((run) => right(study(run, world(run)))).length] as const;
    });
    // 100 runs of a world that is right 95 times of 100 have a standard deviation of 2.2.
    for (const [name, right] of rights) expect(right, name).toBeGreaterThanOrEqual(90);
    expect(rights.reduce((sum, [, right]) => sum + right, 0)).toBeGreaterThanOrEqual(380);
  });
});

describe('missing trials', () => {
  const lost = (seeds: readonly number[], diverged = false): Comparison =>
    study(1, { seeds: 5, effect: -5 * NOISE, missing: { seeds, diverged } });

  it('make no winner of the one that lacks them, and no whole line in the table', () => {
    const found = lost([3, 4, 5]);
    expect(found.statistics.winner).toBeNull();
    expect(found.rows.find(({ controller }) => controller === 'arm')).toMatchObject({
      measured: 2,
      planned: 5,
    });
    expect(armOf(found)).toMatchObject({ seeds: [1, 2], planned: 5, missing: { controller: 3, control: 0 } });
    expect(found.verdict).toContain('arm 2 of 5 seeds');
  });

  it('of the worse side do not take from what the other one has shown', () => {
    const worse = study(1, { seeds: 5, effect: 8 * NOISE, missing: { seeds: [5], diverged: true } });
    expect(armOf(worse)?.finding).toBe('higher');
  });

  it('of one that diverged hide none of its others', () => {
    const found = lost([5], true);
    expect(armOf(found)).toMatchObject({ seeds: [1, 2, 3, 4], finding: 'incomplete' });
    expect(found.statistics.means.map(({ controller, n }) => [controller, n])).toEqual([
      ['none', 5],
      ['arm', 4],
      ['other', 5],
    ]);
    expect(Number.isFinite(found.rows[1]?.test['nats']?.mean)).toBe(true);
  });

  it('of a controller that never finished name no winner beside it', () => {
    expect(lost([1, 2, 3, 4, 5]).statistics.winner).toBeNull();
  });
});

describe('a margin', () => {
  it('lets equal ones be called equivalent, in words too', () => {
    const found = study(3, { seeds: 40, effect: 0 });
    expect(armOf(found)?.finding).toBe('equivalent');
    expect(found.verdict).toContain('within the margin of 0.010 nats lies arm');
  });

  it('of true differences at its edge is called equivalence in at most 5 % of runs', () => {
    const runs = Array.from({ length: 400 }, (_, run) => run);
    const wrong = runs.filter(
      (run) => armOf(study(run, { seeds: 20, effect: MARGIN }))?.finding === 'equivalent',
    );
    // Standard deviation of 400 x 5 %: 4.4.
    expect(wrong.length).toBeLessThanOrEqual(20 + 9);
  });
});
