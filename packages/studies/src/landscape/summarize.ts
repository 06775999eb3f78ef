/** From the trials of a landscape to what it says. */
import { independentLayers, type RunConfig } from '@ligature/core';
import type { TrialResult } from '@ligature/run';
import { max, mean, min } from 'simple-statistics';
import { seedsOf } from '../plan.js';
import type { FailedTrial } from '../results.js';
import type { TrialsOutcome } from '../run-trials.js';
import { comparisonStatistics, CONFIDENCE } from '../statistics/comparison-statistics.js';
import { paretoFront } from '../statistics/pareto.js';
import { meanInterval, type MeanInterval } from '../statistics/student.js';
import { varianceExplained } from '../statistics/variance-explained.js';
import type { LandscapePlan } from './plan.js';
import { regrets } from './regret.js';
import { rankingStability } from './stability.js';
import type { BlockGroup, BlocksEffect, Landscape, LandscapeMap, LowestMap } from './types.js';
import { landscapeVerdict } from './verdict.js';

export function summarizeLandscape(
  config: RunConfig,
  { plans, maps: known, space }: LandscapePlan,
  { finished, failed: broken }: TrialsOutcome,
): Landscape {
  const done = finished.map(({ plan, result }) => ({ label: plan.label, result }));
  const failed = [...broken, ...withoutLoss(done)];
  const ended = new Set(
    [...done, ...broken.map(asEnded)].map(({ label, result }) => key(label, result.seed)),
  );
  const askedSeeds = seedsOf(config);
  const seeds = askedSeeds.filter((seed) => [...known.keys()].every((label) => ended.has(key(label, seed))));
  const maps = ranking(known, done, seeds);
  const [first] = finished;
  const controllers = [...new Set(plans.map(({ label }) => label))].filter((label) => !known.has(label));
  const found: Omit<Landscape, 'verdict'> = {
    format: 1,
    dataset: config.dataset.name,
    tokenizer: config.tokenizer.name,
    vocabularySize: first?.result.text.vocabularySize ?? 0,
    backend: first ? `${first.result.backend.name} (${first.result.backend.detail})` : config.backend.name,
    layers: config.model.layers,
    space,
    seeds,
    askedSeeds,
    unfinished: plans.length - finished.length - broken.length,
    maps,
    lowest: lowestOf(maps),
    stability: rankingStability(maps, seeds),
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
      { maps, seeds },
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
const lossOf = ({ test }: Pick<TrialResult, 'test'>): number => test['nats'] ?? Number.NaN;
const asEnded = ({ controller, seed }: FailedTrial) => ({ label: controller, result: { seed } });

function withoutLoss(done: readonly Done[]): FailedTrial[] {
  return done
    .filter(({ result }) => !Number.isFinite(lossOf(result)))
    .map(({ label, result: { seed } }) => ({
      controller: label,
      seed,
      message: 'it has no finite test loss to rank by',
    }));
}

/** Maps with a loss on every seed that counts: the means of others would be of other seeds. */
function ranking(
  known: LandscapePlan['maps'],
  done: readonly Done[],
  seeds: readonly number[],
): LandscapeMap[] {
  if (seeds.length === 0) return [];
  const byTrial = new Map(done.map((one) => [key(one.label, one.result.seed), one.result]));
  const measured = [...known].flatMap(([label, tieMap]) => {
    const results = seeds.flatMap((seed) => byTrial.get(key(label, seed)) ?? []);
    const losses = results.map(lossOf);
    const [first] = results;
    if (!first || losses.length < seeds.length || !losses.every(Number.isFinite)) return [];
    const { uniqueParameters, trainableParameters } = first.ledger;
    const blocks = independentLayers(tieMap).length;
    return [{ label, tieMap: [...tieMap], blocks, uniqueParameters, trainableParameters, losses }];
  });
  const levels = seeds.map((_, on) => measured.reduce((sum, { losses }) => sum + (losses[on] as number), 0));
  const withMeans = measured
    .map((map) => ({
      ...map,
      loss: meanInterval(map.losses, CONFIDENCE),
      centered: centered(
        map.losses.map((loss, on) => loss - (levels[on] as number) / measured.length),
        measured.length,
      ),
    }))
    .sort((a, b) => a.loss.mean - b.loss.mean);
  const [lowest] = withMeans;
  if (!lowest) return [];
  const series = withMeans.map(({ label, losses }) => ({ controller: label, seeds, values: losses }));
  const { againstControl } = comparisonStatistics(series, lowest.label);
  const against = new Map(againstControl.map((one) => [one.controller, one]));
  const front = paretoFront(
    withMeans.map(({ uniqueParameters, loss }) => ({ cost: uniqueParameters, loss: loss.mean })),
  );
  const fronts = seeds.map((_, on) =>
    paretoFront(withMeans.map((map) => ({ cost: map.uniqueParameters, loss: map.losses[on] as number }))),
  );
  return withMeans.map((map, index) => ({
    rank: index + 1,
    ...map,
    onFront: front[index] === true,
    frontSeeds: seeds.filter((_, on) => fronts[on]?.[index]),
    againstLowest: against.get(map.label) ?? null,
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

function lowestOf(maps: readonly LandscapeMap[]): LowestMap | null {
  const [lowest, ...others] = maps;
  if (!lowest) return null;
  const notShownWorse = others.filter(({ againstLowest }) => againstLowest?.finding !== 'higher');
  return {
    label: lowest.label,
    runnerUp: others[0]?.label ?? null,
    shownBest: others.length > 0 && notShownWorse.length === 0,
    notShownWorse: notShownWorse.map(({ label }) => label),
  };
}

function blocksEffect(maps: readonly LandscapeMap[]): BlocksEffect {
  const numbers = [...new Set(maps.map(({ blocks }) => blocks))].sort((a, b) => a - b);
  const groups = numbers.map((blocks) => maps.filter((map) => map.blocks === blocks));
  const means = groups.map((group) => group.map(({ loss }) => loss.mean));
  return {
    groups: groups.map((group, index): BlockGroup => {
      const values = means[index] as number[];
      const best = group[0] as LandscapeMap;
      return {
        blocks: best.blocks,
        maps: group.length,
        uniqueParameters: best.uniqueParameters,
        ...{ mean: mean(values), lowest: min(values), highest: max(values), lowestMap: best.label },
      };
    }),
    ...varianceExplained(means),
  };
}
