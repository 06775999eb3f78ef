/** From the trials of a comparison to what it says: rows, statistics, verdict. */
import type { FinishedTrial, MetricSpec, StudyOutcome } from '@ligature/core';
import { floorsSentence } from '../presentation/floors.js';
import { settingOf } from '../presentation/words.js';
import { seedsOf } from '../seeds.js';
import { comparisonStatistics } from '../statistics/comparison-statistics.js';
import { controlOf } from './plan.js';
import { comparisonRows } from './rows.js';
import type { Comparison } from './types.js';
import { verdictOf } from './verdict.js';

export function summarizeComparison({
  config,
  trials: planned,
  finished,
  failed,
}: Pick<StudyOutcome, 'config' | 'trials' | 'finished' | 'failed'>): Comparison {
  const labels = [...new Set(planned.map(({ label }) => label))];
  const trials = finished.map(labelled);
  const [first] = trials;
  const setting = settingOf(config, first);
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
  return {
    format: 2,
    ...setting,
    seeds,
    rows,
    trials,
    ids: finished.map(({ trial }) => trial.id),
    failed,
    unfinished: planned.length - finished.length - failed.length,
    statistics,
    verdict: [
      verdictOf(rows, statistics, trials, primary, seeds),
      floorsSentence(
        setting.floors,
        primary,
        rows.map(({ test }) => test[primary.name]?.mean ?? Number.NaN),
      ),
    ]
      .filter(Boolean)
      .join(' '),
    config,
  };
}

/** What was planned is called as the plan calls it, whatever the run calls itself. */
const labelled = ({ trial, result }: FinishedTrial) => ({ ...result, controller: trial.label });
