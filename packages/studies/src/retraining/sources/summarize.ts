/**
 * From the trials of several retrained runs to what they say. Seeds of one source share its map and its history, and are
 * not independent: each source is summed up to one number first, and the test is over the sources (Lazic 2010, BMC
 * Neuroscience 11:5; docs/decisions/0032-plans-texts-and-sources.md).
 */
import type { MetricSpec, StudyOutcome } from '@ligature/core';
import { settingOf } from '../../presentation/words.js';
import { CONFIDENCE, type JudgedBy } from '../../statistics/findings.js';
import { meanInterval } from '../../statistics/student.js';
import { testedDifferences, type TestedDifference } from '../../statistics/tested-differences.js';
import { mapsWithAsManyBlocks } from '../draw.js';
import { measuredIn, minusMean, rowsOf, valueOn } from '../summarize.js';
import type { RetrainingArm, RetrainingRow } from '../types.js';
import type { RetrainedSourcesSettings, SourceTrial } from './plan.js';
import type { RetrainedSource, RetrainedSources, SourceDifference, SourcesDifference } from './types.js';
import { retrainedSourcesVerdict } from './verdict.js';

export function summarizeRetrainedSources(
  settings: RetrainedSourcesSettings,
  trials: readonly SourceTrial[],
  { config, finished, failed: broken }: Pick<StudyOutcome, 'config' | 'finished' | 'failed'>,
): RetrainedSources {
  const setting = settingOf(config, finished[0]?.result);
  const metric = setting.task.metrics[0] as MetricSpec;
  const { measured, failed } = measuredIn(finished, broken, metric);
  const sources = settings.sources.map(({ run, seeds }): RetrainedSource => {
    const own = trials.filter(({ source }) => source === run.seed);
    const rows = rowsOf(own, measured, metric);
    return {
      ...{ run, seeds, rows },
      mapsWithAsManyBlocks: String(mapsWithAsManyBlocks(run.tieMap)),
      map: within(rows, 'found', 'random', own),
      history: within(rows, 'continued', 'found-long', own),
    };
  });
  const by = { better: metric.better, margin: config.compare.margin };
  const summary: Omit<RetrainedSources, 'verdict'> = {
    format: 1,
    ...setting,
    controller: settings.sources[0]?.run.controller ?? '',
    sources,
    seedsPerSource: settings.sources[0]?.seeds.length ?? 0,
    map: over(sources, trials, { field: 'map', arms: ['found', 'random'] }, by),
    history: over(sources, trials, { field: 'history', arms: ['continued', 'found-long'] }, by),
    failed,
    unfinished: trials.length - finished.length - broken.length,
    config,
  };
  return { ...summary, verdict: retrainedSourcesVerdict(summary) };
}

const ofArm = (rows: readonly RetrainingRow[], arm: RetrainingArm): RetrainingRow[] =>
  rows.filter((row) => row.arm === arm);

/** @param own the trials of the source: a random map of which none has finished leaves no seed whole */
function within(
  rows: readonly RetrainingRow[],
  first: RetrainingArm,
  second: RetrainingArm,
  own: readonly SourceTrial[],
): SourceDifference | null {
  const [row] = ofArm(rows, first);
  const others = ofArm(rows, second);
  if (!row || others.length < labelsOf(own, second).length) return null;
  const { seeds, differences } = minusMean(row, others);
  return seeds.length === 0
    ? null
    : { seeds, differences, difference: meanInterval(differences, CONFIDENCE) };
}

const labelsOf = (trials: readonly SourceTrial[], arm: RetrainingArm): string[] => [
  ...new Set(trials.filter((trial) => trial.arm === arm).map(({ planned }) => planned.label)),
];

interface Asked {
  readonly field: 'map' | 'history';
  readonly arms: readonly [RetrainingArm, RetrainingArm];
}

/** One test, over the sources of which both sides were planned. */
function over(
  sources: readonly RetrainedSource[],
  trials: readonly SourceTrial[],
  { field, arms: [first, second] }: Asked,
  by: JudgedBy,
): SourcesDifference | null {
  const both = sources.filter(({ run }) =>
    trials.some(({ source, arm }) => source === run.seed && arm === second),
  );
  const found = both.flatMap((source) => {
    const one = source[field];
    return one === null ? [] : [{ source, one }];
  });
  if (found.length === 0) return null;
  const differences = found.map(({ one }) => one.difference.mean);
  const measured = found.flatMap(({ source: { rows }, one }) =>
    [...ofArm(rows, first), ...ofArm(rows, second)].flatMap((row) =>
      one.seeds.map((seed) => valueOn(row, seed)),
    ),
  );
  const evidence = { differences, measured, missing: missingOf(both, trials, [first, second]) };
  const [tested] = testedDifferences([evidence], by);
  return {
    ...{ first, second, differences, planned: both.length },
    sources: found.map(({ source }) => source.run.seed),
    ...(tested as TestedDifference),
  };
}

/** Trials that were planned and gave no number. */
function missingOf(
  sources: readonly RetrainedSource[],
  trials: readonly SourceTrial[],
  [first, second]: Asked['arms'],
): { readonly first: number; readonly second: number } {
  const of = (arm: RetrainingArm): number => {
    const planned = trials.filter(
      (trial) => trial.arm === arm && sources.some(({ run }) => run.seed === trial.source),
    ).length;
    const there = sources.flatMap(({ rows }) => ofArm(rows, arm)).flatMap(({ seeds }) => seeds).length;
    return planned - there;
  };
  return { first: of(first), second: of(second) };
}
