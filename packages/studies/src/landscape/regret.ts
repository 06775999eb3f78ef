/** What a controller gives away against the fixed maps of a landscape, and whether its final map beats chance. */
import { canonicalTieMap, independentLayers, type MetricSpec, type TrialResult } from '@ligature/core';
import { mean } from 'simple-statistics';
import { CONFIDENCE } from '../statistics/findings.js';
import { meanInterval, type MeanInterval } from '../statistics/student.js';
import { testedDifferences } from '../statistics/tested-differences.js';
import type { ControllerRegret, LandscapeMap, RegretOfSeed } from './types.js';

/** What regret is measured against: the maps, best first by validation, and the seeds of their values. */
export interface FixedMaps {
  readonly maps: readonly Pick<LandscapeMap, 'label' | 'blocks' | 'values'>[];
  readonly seeds: readonly number[];
  /** Seeds of the landscape as it was planned; left out: those seeds. */
  readonly planned?: readonly number[];
  readonly margin?: number | null;
  readonly metric: MetricSpec;
}

export interface ControllerTrials {
  readonly controller: string;
  readonly trials: readonly Pick<TrialResult, 'seed' | 'tieMap' | 'test'>[];
}

/** Controllers without a trial on a seed that counts are left out. */
export function regrets(controllers: readonly ControllerTrials[], fixed: FixedMaps): ControllerRegret[] {
  const measured = controllers.flatMap(({ controller, trials }) => {
    const own = trials.filter(
      ({ seed, test }) => fixed.seeds.includes(seed) && Number.isFinite(test[fixed.metric.name]),
    );
    return own.length > 0 ? [{ controller, trials: own }] : [];
  });
  const byChance = measured.map(({ trials }) =>
    trials.flatMap((trial) => {
      const found = place(trial, fixed);
      return found.minusRandom === null ? [] : [found.minusRandom];
    }),
  );
  const planned = (fixed.planned ?? fixed.seeds).length;
  const tested = testedDifferences(
    byChance
      .map((differences, index) => ({
        differences,
        measured: measured[index]?.trials.map(({ test }) => test[fixed.metric.name] as number) ?? [],
        // Maps that every seed shares were trained on all of those that count.
        missing: {
          first: planned - (measured[index]?.trials.length ?? 0),
          second: planned - fixed.seeds.length,
        },
      }))
      .filter(({ differences }) => differences.length > 0),
    { better: fixed.metric.better, margin: fixed.margin ?? null },
  );
  let next = 0;
  return measured.map(({ controller, trials }, index) => {
    const seeds = trials.map((trial) => place(trial, fixed).regret);
    const test = (byChance[index] ?? []).length > 0 ? tested[next++] : undefined;
    return {
      controller,
      seeds,
      value: meanInterval(
        seeds.map(({ value }) => value),
        CONFIDENCE,
      ),
      againstBest: over(seeds.map(({ againstBest }) => againstBest)),
      againstAsSmall: over(seeds.map(({ againstAsSmall }) => againstAsSmall)),
      ofMap: over(seeds.map(({ ofMap }) => ofMap)),
      chance: test
        ? {
            difference: test.difference,
            p: test.p,
            correctedP: test.correctedP,
            sensitivity: test.sensitivity,
            equivalence: test.equivalence,
            finding: test.finding,
          }
        : null,
    };
  });
}

interface Placed {
  readonly regret: RegretOfSeed;
  /** Of the final map, fixed, minus the mean of all maps with as many blocks; `null` where it is alone. */
  readonly minusRandom: number | null;
}

function place(trial: ControllerTrials['trials'][number], { maps, seeds, metric }: FixedMaps): Placed {
  const on = seeds.indexOf(trial.seed);
  const finalMap = canonicalTieMap(trial.tieMap);
  const blocks = independentLayers(finalMap).length;
  const value = trial.test[metric.name] as number;
  const at = (map: FixedMaps['maps'][number] | undefined): number | null => map?.values[on] ?? null;
  const asMany = maps.filter((map) => map.blocks === blocks);
  const best = at(maps[0]);
  const bestAsSmall = at(maps.find((map) => map.blocks <= blocks));
  const bestAsMany = at(asMany[0]);
  const own = at(maps.find(({ label }) => label === finalMap.join('-')));
  const random = asMany.length > 0 ? mean(asMany.map(({ values }) => values[on] as number)) : null;
  return {
    regret: {
      ...{ seed: trial.seed, value, finalMap, blocks },
      againstBest: minus(value, best),
      againstAsSmall: minus(value, bestAsSmall),
      ofMap: minus(own, bestAsMany),
      ofRandomMap: minus(random, bestAsMany),
    },
    // The only map with so many blocks is no choice.
    minusRandom: asMany.length > 1 ? minus(own, random) : null,
  };
}

const minus = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? null : one - other;

function over(values: readonly (number | null)[]): MeanInterval | null {
  const known = values.filter((value) => value !== null);
  return known.length > 0 ? meanInterval(known, CONFIDENCE) : null;
}
