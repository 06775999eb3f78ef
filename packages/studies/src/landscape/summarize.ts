/** From the trials of a landscape to what it says. */
import {
  independentLayers,
  stackLayers,
  type FailedTrial,
  type MetricSpec,
  type StudyOutcome,
  type TrialResult,
} from '@ligature/core';
import { max, mean, min } from 'simple-statistics';
import { settingOf } from '../presentation/words.js';
import { seedsOf } from '../seeds.js';
import { comparisonStatistics } from '../statistics/comparison-statistics.js';
import { CONFIDENCE } from '../statistics/findings.js';
import { paretoFront } from '../statistics/pareto.js';
import { meanInterval, type MeanInterval } from '../statistics/student.js';
import { varianceExplained } from '../statistics/variance-explained.js';
import { byMetric, judged, metricName } from '../statistics/wording.js';
import type { LandscapePlan } from './plan.js';
import { regrets } from './regret.js';
import { rankingStability } from './stability.js';
import type { BlockGroup, BestMap, BlocksEffect, Landscape, LandscapeMap } from './types.js';
import { landscapeVerdict } from './verdict.js';

export function summarizeLandscape(
  { trials, maps: known, space }: LandscapePlan,
  { config, finished, failed: broken }: Pick<StudyOutcome, 'config' | 'finished' | 'failed'>,
): Landscape {
  const setting = settingOf(config, finished[0]?.result);
  const metric = setting.task.metrics[0] as MetricSpec;
  const done = finished.map(({ trial, result }) => ({ label: trial.label, result }));
  const failed = [...broken, ...unmeasured(done, metric)];
  const ended = new Set(
    [...done, ...broken.map(asEnded)].map(({ label, result }) => key(label, result.seed)),
  );
  const askedSeeds = seedsOf(config);
  const seeds = askedSeeds.filter((seed) => [...known.keys()].every((label) => ended.has(key(label, seed))));
  const maps = ranking(known, done, {
    ...{ seeds, asked: askedSeeds, metric },
    margin: config.compare.margin,
  });
  const controllers = [...new Set(trials.map(({ label }) => label))].filter((label) => !known.has(label));
  const found: Omit<Landscape, 'verdict'> = {
    format: 2,
    ...setting,
    layers: stackLayers(config),
    space,
    seeds,
    askedSeeds,
    unfinished: trials.length - finished.length - broken.length,
    maps,
    best: bestOf(maps, metric),
    stability: rankingStability(
      maps.map(({ blocks, validation }) => ({ blocks, values: validation })),
      seeds,
    ),
    blocksEffect: blocksEffect(maps),
    front: maps
      .filter(({ onFront }) => onFront)
      .sort((a, b) => a.uniqueParameters - b.uniqueParameters)
      .map(({ label }) => label),
    controllers: regrets(
      controllers.map((controller) => ({
        controller,
        trials: done.filter(({ label }) => label === controller).map(({ result }) => result),
      })),
      { maps, seeds, planned: askedSeeds, metric, margin: config.compare.margin },
    ),
    failed,
    config,
  };
  return { ...found, verdict: landscapeVerdict(found) };
}

interface Done {
  readonly label: string;
  readonly result: TrialResult;
}

const key = (label: string, seed: number): string => `${label} ${seed}`;
const valueOf = (
  result: Pick<TrialResult, 'validation' | 'test'>,
  split: 'validation' | 'test',
  { name }: MetricSpec,
): number => result[split][name] ?? Number.NaN;
const SPLITS = ['validation', 'test'] as const;
const asEnded = ({ controller, seed }: FailedTrial) => ({ label: controller, result: { seed } });

function unmeasured(done: readonly Done[], metric: MetricSpec): FailedTrial[] {
  return done.flatMap(({ label, result }) => {
    const lacking = SPLITS.filter((split) => !Number.isFinite(valueOf(result, split, metric)));
    if (lacking.length === 0) return [];
    const message = `it has no finite ${lacking.join(' and ')} ${metricName(metric)}`;
    return [{ controller: label, seed: result.seed, message }];
  });
}

interface RankedBy {
  /** Those that count. */
  readonly seeds: readonly number[];
  /** Those that were planned: while some of them are missing, no difference is claimed. */
  readonly asked: readonly number[];
  readonly metric: MetricSpec;
  readonly margin: number | null;
}

/**
 * Maps with a value on every seed that counts: the means of others would be of other seeds. They are ordered by the
 * validation split, so that differences on the test split are those of maps which it had no part in choosing.
 */
function ranking(
  known: LandscapePlan['maps'],
  done: readonly Done[],
  { seeds, asked, metric, margin }: RankedBy,
): LandscapeMap[] {
  if (seeds.length === 0) return [];
  const byTrial = new Map(done.map((one) => [key(one.label, one.result.seed), one.result]));
  const measured = [...known].flatMap(([label, tieMap]) => {
    const results = seeds.flatMap((seed) => byTrial.get(key(label, seed)) ?? []);
    const [validation, values] = SPLITS.map((split) =>
      results.map((result) => valueOf(result, split, metric)),
    ) as [number[], number[]];
    const [first] = results;
    if (!first || values.length < seeds.length || ![...validation, ...values].every(Number.isFinite))
      return [];
    const { uniqueParameters, trainableParameters } = first.ledger;
    const blocks = independentLayers(tieMap).length;
    const sizes = { blocks, uniqueParameters, trainableParameters };
    return [{ label, tieMap: [...tieMap], ...sizes, validation, validationMean: mean(validation), values }];
  });
  const levels = seeds.map((_, on) => measured.reduce((sum, { values }) => sum + (values[on] as number), 0));
  const withMeans = measured
    .map((map) => ({
      ...map,
      value: meanInterval(map.values, CONFIDENCE),
      centered: centered(
        map.values.map((value, on) => value - (levels[on] as number) / measured.length),
        measured.length,
      ),
    }))
    .sort((a, b) => byMetric(metric)(a.validationMean, b.validationMean));
  const [first] = withMeans;
  if (!first) return [];
  const series = withMeans.map(({ label, values }) => ({ controller: label, seeds, values }));
  const { againstControl } = comparisonStatistics(series, first.label, {
    better: metric.better,
    planned: asked,
    margin,
  });
  const against = new Map(againstControl.map((one) => [one.controller, one]));
  const front = paretoFront(
    withMeans.map(({ uniqueParameters, validationMean }) => ({
      cost: uniqueParameters,
      value: validationMean,
    })),
    metric.better,
  );
  const fronts = seeds.map((_, on) =>
    paretoFront(
      withMeans.map((map) => ({ cost: map.uniqueParameters, value: map.validation[on] as number })),
      metric.better,
    ),
  );
  return withMeans.map((map, index) => ({
    rank: index + 1,
    ...map,
    onFront: front[index] === true,
    frontSeeds: seeds.filter((_, on) => fronts[on]?.[index]),
    againstBest: against.get(map.label) ?? null,
  }));
}

/** Morey's correction of what centering takes from the spread: the square root of maps / (maps - 1). */
function centered(values: readonly number[], maps: number): MeanInterval {
  const interval = meanInterval(values, CONFIDENCE);
  const { mean: center, low, high, standardDeviation } = interval;
  if (low === null || high === null || standardDeviation === null || maps < 2) return interval;
  const correction = Math.sqrt(maps / (maps - 1));
  return {
    ...interval,
    standardDeviation: standardDeviation * correction,
    low: center - correction * (center - low),
    high: center + correction * (high - center),
  };
}

function bestOf(maps: readonly LandscapeMap[], metric: MetricSpec): BestMap | null {
  const [first, ...others] = maps;
  if (!first) return null;
  const notShownWorse = others.filter(
    ({ againstBest }) => judged(againstBest?.finding ?? 'untested', metric) !== 'worse',
  );
  return {
    label: first.label,
    runnerUp: others[0]?.label ?? null,
    shownBest: others.length > 0 && notShownWorse.length === 0,
    notShownWorse: notShownWorse.map(({ label }) => label),
  };
}

function blocksEffect(maps: readonly LandscapeMap[]): BlocksEffect {
  const numbers = [...new Set(maps.map(({ blocks }) => blocks))].sort((a, b) => a - b);
  const groups = numbers.map((blocks) => maps.filter((map) => map.blocks === blocks));
  const means = groups.map((group) => group.map(({ value }) => value.mean));
  return {
    groups: groups.map((group, index): BlockGroup => {
      const values = means[index] as number[];
      const best = group[0] as LandscapeMap;
      return {
        blocks: best.blocks,
        maps: group.length,
        uniqueParameters: best.uniqueParameters,
        ...{ mean: mean(values), lowest: min(values), highest: max(values), bestMap: best.label },
      };
    }),
    ...varianceExplained(means),
  };
}
