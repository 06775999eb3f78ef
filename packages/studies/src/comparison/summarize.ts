/** From the trials of a comparison to what it says: rows, statistics, verdict. */
import type { FinishedTrial, MetricSpec, PlannedTrial, StudyOutcome, TrialResult } from '@ligature/core';
import { controllerLabel } from '@ligature/run';
import { foundPlan } from '../planned/found.js';
import { withPlanned } from '../planned/words.js';
import { floorsSentence } from '../presentation/floors.js';
import { settingOf, type Setting } from '../presentation/words.js';
import { seedsOf } from '../seeds.js';
import { comparisonStatistics } from '../statistics/comparison-statistics.js';
import { controlOf, textsOf, type ComparedText } from './plan.js';
import { pooledTrials } from './pooled.js';
import { comparisonRows } from './rows.js';
import type { Comparison, ComparisonRow } from './types.js';
import { verdictOf } from './verdict.js';

type Outcome = Pick<StudyOutcome, 'config' | 'trials' | 'finished' | 'failed' | 'plan'>;

export function summarizeComparison(outcome: Outcome): Comparison {
  const texts = textsOf(outcome.config);
  return withPlan(texts.length > 1 ? ofSeveral(outcome, texts) : ofOne(outcome), outcome);
}

/** Of one dataset. */
function ofOne({ config, trials: planned, finished, failed }: Outcome): Comparison {
  const labels = [...new Set(planned.map(({ label }) => label))];
  const trials = finished.map(labelled);
  const setting = settingOf(config, trials[0]);
  return {
    ...compared(config, labels, trials, setting),
    trials,
    ids: finished.map(({ trial }) => trial.id),
    failed,
    unfinished: planned.length - finished.length - failed.length,
    texts: [],
  };
}

/** Each dataset by itself, and all of them pooled: what is shown at the top. */
function ofSeveral(outcome: Outcome, texts: readonly ComparedText[]): Comparison {
  const { config, trials: planned, finished, failed } = outcome;
  const parts = texts.map((text) => ({
    label: text.label as string,
    comparison: { ...ofOne(partOf(outcome, text)), dataset: text.label as string },
  }));
  const labels = config.compare.controllers.map(controllerLabel);
  const setting = {
    ...settingOf(config, finished[0]?.result),
    ...{ dataset: texts.map(({ label }) => label).join(', '), vocabularySize: 0, floors: [] },
  };
  const whole = pooledTrials(parts.map(({ comparison }) => comparison.trials));
  return {
    ...compared(config, labels, whole, setting),
    ...(whole.length === 0 && {
      verdict: 'No seed has been trained with any controller on every text, so nothing is pooled yet.',
    }),
    ...{ trials: [], ids: [], failed },
    unfinished: planned.length - finished.length - failed.length,
    texts: parts,
  };
}

/** What belongs to one of several datasets, its trials called as their controllers are. */
function partOf({ config, trials, finished, failed }: Outcome, { dataset }: ComparedText): Outcome {
  const isOwn = ({ config: own }: PlannedTrial): boolean =>
    JSON.stringify(own.dataset) === JSON.stringify(dataset);
  const called = (trial: PlannedTrial): PlannedTrial => ({
    ...trial,
    label: controllerLabel(trial.config.controller),
  });
  const { plan: _, ...rest } = config;
  return {
    config: { ...rest, dataset, compare: { ...config.compare, datasets: null } },
    trials: trials.filter(isOwn).map(called),
    finished: finished
      .filter(({ trial }) => isOwn(trial))
      .map(({ trial, result }) => ({ trial: called(trial), result })),
    failed: failed.flatMap((one) => {
      const trial = trials.find(({ label, seed }) => label === one.controller && seed === one.seed);
      return trial && isOwn(trial) ? [{ ...one, controller: called(trial).label }] : [];
    }),
  };
}

type Told = Omit<Comparison, 'trials' | 'ids' | 'failed' | 'unfinished' | 'texts'>;

function compared(
  config: Outcome['config'],
  labels: readonly string[],
  trials: readonly TrialResult[],
  setting: Setting,
): Told {
  const primary = setting.task.metrics[0] as MetricSpec;
  const seeds = seedsOf(config);
  const rows = comparisonRows(labels, trials, setting.task.metrics, seeds);
  const statistics = comparisonStatistics(
    labels.map((controller) => {
      const row = rows.find((one) => one.controller === controller);
      return { controller, seeds: row?.seeds ?? [], values: row?.test[primary.name]?.values ?? [] };
    }),
    controlOf(config),
    { better: primary.better, planned: seeds, margin: config.compare.margin },
  );
  const floors = floorsSentence(
    setting.floors,
    primary,
    rows.map(({ test }) => test[primary.name]?.mean ?? Number.NaN),
  );
  const verdict = [verdictOf(rows, statistics, trials, primary, seeds), floors].filter(Boolean).join(' ');
  return { format: 2, ...setting, seeds, rows, statistics, verdict, plan: null, keptPlan: null, config };
}

function withPlan(comparison: Comparison, { config, plan: kept }: Outcome): Comparison {
  const { task, seeds, rows, texts, verdict } = comparison;
  const rowsOf = (dataset: string | null): readonly ComparisonRow[] =>
    dataset === null ? rows : (texts.find(({ label }) => label === dataset)?.comparison.rows ?? []);
  const plan = foundPlan({
    ...{ config, metrics: task.metrics, seeds },
    valuesOf(controller, { name }, dataset) {
      const row = rowsOf(dataset).find((candidate) => candidate.controller === controller);
      return { seeds: row?.seeds ?? [], values: row?.test[name]?.values ?? [] };
    },
  });
  if (plan === undefined) return comparison;
  const finished = [comparison, ...texts.map((text) => text.comparison)].flatMap(({ trials }) => trials);
  const planned = { plan, keptPlan: kept ?? null };
  return { ...comparison, ...planned, verdict: withPlanned(verdict, planned, finished.length) };
}

/** What was planned is called as the plan calls it, whatever the run calls itself. */
const labelled = ({ trial, result }: FinishedTrial) => ({ ...result, controller: trial.label });
