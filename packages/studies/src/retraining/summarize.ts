/** From the trials of a retraining to what it says. */
import quantile from '@stdlib/stats-base-dists-t-quantile';
import {
  largest,
  type FailedTrial,
  type FinishedTrial,
  type MetricSpec,
  type StudyOutcome,
} from '@ligature/core';
import { mean } from 'simple-statistics';
import { settingOf } from '../presentation/words.js';
import { seedsOf } from '../seeds.js';
import { CONFIDENCE, type JudgedBy } from '../statistics/findings.js';
import { meanInterval } from '../statistics/student.js';
import { testedDifferences, type TestedDifference } from '../statistics/tested-differences.js';
import { metricName } from '../statistics/wording.js';
import { mapsWithAsManyBlocks } from './draw.js';
import type { RetrainingSettings, RetrainingTrial } from './plan.js';
import type { ReachedByRun, Retraining, RetrainingDifference, RetrainingRow } from './types.js';
import { retrainingVerdict } from './verdict.js';

export function summarizeRetraining(
  { run }: RetrainingSettings,
  trials: readonly RetrainingTrial[],
  { config, finished, failed: broken }: Pick<StudyOutcome, 'config' | 'finished' | 'failed'>,
): Retraining {
  const setting = settingOf(config, finished[0]?.result);
  const metric = setting.task.metrics[0] as MetricSpec;
  const { measured, failed } = measuredIn(finished, broken, metric);
  const { margin } = config.compare;
  const by = { better: metric.better, planned: seedsOf(config), margin };
  const rows = rowsOf(trials, measured, metric);
  const found = rows.find(({ arm }) => arm === 'found');
  const random = rows.filter(({ arm }) => arm === 'random');
  const summary: Omit<Retraining, 'verdict'> = {
    format: 2,
    ...setting,
    seeds: seedsOf(config),
    run,
    rows,
    mapsWithAsManyBlocks: String(mapsWithAsManyBlocks(run.tieMap)),
    map: family([['found', found, 'random maps', random]], by)[0] ?? null,
    againstEach: family(
      random.map((row) => ['found', found, row.label, [row]]),
      by,
    ),
    history: ofOneSource(
      family(
        [
          [
            'continued',
            rows.find(({ arm }) => arm === 'continued'),
            'found-long',
            rows.filter(({ arm }) => arm === 'found-long'),
          ],
        ],
        by,
      )[0],
    ),
    reached: reachedBy(run, found),
    failed,
    unfinished: trials.length - finished.length - broken.length,
    config,
  };
  return { ...summary, verdict: retrainingVerdict(summary) };
}

/** Trials without a finite number on the test split count as failed. */
export function measuredIn(
  finished: readonly FinishedTrial[],
  broken: readonly FailedTrial[],
  metric: MetricSpec,
): { readonly measured: FinishedTrial[]; readonly failed: FailedTrial[] } {
  const measured = finished.filter(({ result }) => Number.isFinite(result.test[metric.name]));
  const without = finished.filter((one) => !measured.includes(one));
  const message = `it has no finite test ${metricName(metric)}`;
  const failed = without.map(({ trial: { label, seed } }) => ({ controller: label, seed, message }));
  return { measured, failed: [...broken, ...failed] };
}

/** One for each label of which a trial has finished. */
export function rowsOf(
  trials: readonly RetrainingTrial[],
  finished: readonly FinishedTrial[],
  { name }: MetricSpec,
): RetrainingRow[] {
  const labels = [...new Set(trials.map(({ planned }) => planned.label))];
  return labels.flatMap((label) => {
    const trial = trials.find(({ planned }) => planned.label === label);
    const own = finished.filter((one) => one.trial.label === label);
    const [first] = own;
    if (!trial || !first) return [];
    const { arm, tieMap, steps } = trial;
    const { uniqueParameters } = first.result.ledger;
    const blocks = new Set(tieMap).size;
    const values = own.map(({ result }) => result.test[name] as number);
    return [
      {
        ...{ arm, label, tieMap, blocks, uniqueParameters, steps },
        seeds: own.map((one) => one.trial.seed),
        ...{ values, value: meanInterval(values, CONFIDENCE) },
      },
    ];
  });
}

type Asked = readonly [string, RetrainingRow | undefined, string, readonly RetrainingRow[]];

interface AnsweredBy extends JudgedBy {
  /** Seeds of every arm. */
  readonly planned: readonly number[];
}

/** Questions that are answered together, over the seeds that all arms of one finished; those without a seed are left out. */
function family(asked: readonly Asked[], by: AnsweredBy): RetrainingDifference[] {
  const lacking = ({ seeds }: RetrainingRow): number =>
    by.planned.filter((seed) => !seeds.includes(seed)).length;
  const lists = asked.flatMap(([first, row, second, others]) => {
    if (!row) return [];
    const { seeds, differences } = minusMean(row, others);
    if (seeds.length === 0) return [];
    const all = [row, ...others];
    const evidence = {
      differences,
      measured: seeds.flatMap((seed) => all.map((one) => valueOn(one, seed))),
      missing: { first: lacking(row), second: largest(others.map(lacking)) },
    };
    return [{ asked: { first, second, seeds, differences, planned: by.planned.length }, evidence }];
  });
  const tested = testedDifferences(
    lists.map(({ evidence }) => evidence),
    by,
  );
  return lists.map((list, index) => ({ ...list.asked, ...(tested[index] as (typeof tested)[number]) }));
}

/**
 * All continuations go on from one checkpoint: their seeds are repetitions of one history, and say nothing about
 * another one (Lazic 2010, BMC Neuroscience 11:5: pseudoreplication). One number is left of them, and no test.
 */
function ofOneSource(found: RetrainingDifference | undefined): RetrainingDifference | null {
  if (found === undefined) return null;
  const { mean: center } = found.difference;
  const [tested] = testedDifferences([{ differences: [center] }]);
  return { ...found, ...(tested as TestedDifference) };
}

/** A row minus the mean of others, over the seeds that all of them finished. */
export function minusMean(
  row: RetrainingRow,
  others: readonly RetrainingRow[],
): Pick<RetrainingDifference, 'seeds' | 'differences'> {
  const seeds = row.seeds.filter(
    (seed) => others.length > 0 && others.every((other) => other.seeds.includes(seed)),
  );
  const differences = seeds.map(
    (seed) => valueOn(row, seed) - mean(others.map((other) => valueOn(other, seed))),
  );
  return { seeds, differences };
}

export const valueOn = ({ seeds, values }: RetrainingRow, seed: number): number =>
  values[seeds.indexOf(seed)] as number;

/**
 * A prediction interval for one more number of a normal sample: mean ± t(n - 1) s sqrt(1 + 1/n) (Hahn & Meeker 1991,
 * Statistical Intervals, section 4.7).
 */
function reachedBy(run: RetrainingSettings['run'], found: RetrainingRow | undefined): ReachedByRun | null {
  if (run.loss === null || !found) return null;
  const { n, mean: center, standardDeviation } = found.value;
  const half =
    standardDeviation === null
      ? null
      : quantile((1 + CONFIDENCE) / 2, n - 1) * standardDeviation * Math.sqrt(1 + 1 / n);
  return {
    loss: run.loss,
    low: half === null ? null : center - half,
    high: half === null ? null : center + half,
    minusFoundAtItsSeed: found.seeds.includes(run.seed) ? run.loss - valueOn(found, run.seed) : null,
  };
}
