/** What a comparison shows and what it does not, in plain words made from its numbers. */
import { largest, smallest } from '@ligature/core';
import type { MetricSpec, TrialResult } from '@ligature/core';
import { CONFIDENCE, type ComparisonStatistics } from '../statistics/comparison-statistics.js';
import { pairedDifference } from '../statistics/paired.js';
import type { Spread } from '../statistics/spread.js';
import {
  amount,
  best,
  byMetric,
  findingsText,
  isBetter,
  metricName,
  probability,
} from '../statistics/wording.js';
import { otherData } from '../presentation/words.js';
import type { ComparisonRow } from './types.js';

const NONE: Spread = { mean: Number.NaN, standardDeviation: null, values: [] };

const measured = (row: ComparisonRow, { name }: MetricSpec): Spread => row.test[name] ?? NONE;

/** Seeds on which `a` is better than `b`, of those that both finished. */
function wins(a: ComparisonRow, b: ComparisonRow, metric: MetricSpec): { won: number; of: number } {
  const shared = a.seeds.filter((seed) => b.seeds.includes(seed));
  const value = (row: ComparisonRow, seed: number): number =>
    measured(row, metric).values[row.seeds.indexOf(seed)] ?? Number.NaN;
  return {
    won: shared.filter((seed) => isBetter(value(a, seed), value(b, seed), metric)).length,
    of: shared.length,
  };
}

function learnedAgainstRandom(rows: readonly ComparisonRow[], metric: MetricSpec): string {
  const learned = rows.find(({ controller }) => controller.startsWith('q-learning'));
  const random = rows.find(({ controller }) => controller.startsWith('random'));
  if (!learned || !random) return '';
  const difference = measured(learned, metric).mean - measured(random, metric).mean;
  const { won, of } = wins(learned, random, metric);
  const size = amount(Math.abs(difference), metric);
  const place =
    size === amount(0, metric)
      ? 'level with random actions'
      : `${size} ${difference < 0 ? 'below' : 'above'} random actions`;
  const shown = surely(learned, random, metric);
  return ` q-learning ends ${place} on average (${metric.better} on ${won} of ${of} ${of === 1 ? 'seed' : 'seeds'}${shown}).`;
}

/** Whether the seeds show a difference: one test that was meant from the start, so it needs no correction. */
function surely(a: ComparisonRow, b: ComparisonRow, metric: MetricSpec): string {
  const series = (row: ComparisonRow) => ({
    controller: row.controller,
    seeds: row.seeds,
    values: measured(row, metric).values,
  });
  const { test } = pairedDifference(series(a), series(b), CONFIDENCE);
  if (test === null) return '';
  return `; ${test.p < 1 - CONFIDENCE ? 'a' : 'no'} difference is shown, uncorrected ${probability(test.p)}`;
}

/** What was equal, and how much of the data that was. */
function equalBudget(trials: readonly TrialResult[]): string {
  const [first] = trials as readonly [TrialResult];
  const { unit } = first;
  const { trainingTokens } = first.data;
  const { budget } = first.config.training;
  // How often a text was read is worth a word; other data may be made as they are needed.
  const passes = (...seen: readonly number[]): string =>
    typeof trainingTokens === 'number'
      ? ` (${seen.map((tokens) => (tokens / trainingTokens).toFixed(2)).join(' to ')} passes over the text)`
      : '';
  if (budget?.kind !== 'flops' && budget?.kind !== 'seconds')
    return `All saw the same ${first.tokens} training ${unit}${passes(first.tokens)}`;
  const tokens = trials.map((trial) => trial.tokens);
  const [least, most] = [smallest(tokens), largest(tokens)];
  const spent =
    budget.kind === 'flops'
      ? `${budget.amount.toPrecision(3)} FLOPs of training steps, by the ledger`
      : `${budget.amount} seconds of training, which no two runs spend alike`;
  return `All were given the same ${spent}, and saw ${least} to ${most} training ${unit}${passes(least, most)}`;
}

/** @param metric by which they are ranked */
export function verdictOf(
  rows: readonly ComparisonRow[],
  statistics: ComparisonStatistics,
  trials: readonly TrialResult[],
  metric: MetricSpec,
): string {
  if (rows.length === 0 || trials.length === 0) return 'No trial finished, so nothing is shown.';
  const name = `test ${metricName(metric)}`;
  const mean = (row: ComparisonRow): number => measured(row, metric).mean;
  // Without an evaluator that measures it there is nothing to rank by.
  if (!rows.every((row) => Number.isFinite(mean(row))))
    return `No ${name} was measured, so the table shows what each scheme costs and not what it gives.`;
  const ranked = [...rows].sort((a, b) => byMetric(metric)(mean(a), mean(b)));
  const first = ranked[0] as ComparisonRow;
  const smallest = [...rows].sort(
    (a, b) => a.uniqueParameters.mean - b.uniqueParameters.mean,
  )[0] as ComparisonRow;
  const seeds = new Set(trials.map(({ seed }) => seed)).size;
  // Over several seeds it is a mean that is lowest, which is not yet a finding.
  const the = seeds === 1 ? `the ${best(metric)} ${name}` : `the ${best(metric)} mean ${name}`;
  const findings = findingsText(statistics, metric);
  const value = (row: ComparisonRow): string => amount(mean(row), metric);
  const ahead =
    rows.length === 1
      ? `${first.controller} reaches a ${name} of ${value(first)}.`
      : first === smallest
        ? `${first.controller} has ${the} (${value(first)}) with the fewest parameters.`
        : `${first.controller} has ${the} (${value(first)}); ` +
          `${smallest.controller} stores the fewest parameters (${(smallest.reduction.mean * 100).toFixed(0)} % fewer than the untied stack) at ${value(smallest)}.`;
  const limits =
    ` ${equalBudget(trials)} in the same order from the same initialization, ` +
    `so the numbers show what each scheme costs and gives at this budget${seeds === 1 ? ';' : ','} ` +
    (seeds === 1
      ? `with one seed and so few ${trials[0]?.unit} they do not show which controller is better, nor what happens at convergence.`
      : `and ${seeds} seeds say how surely; nothing is shown about other budgets, ${otherData(trials[0] as TrialResult)}, or convergence.`);
  const shown = seeds === 1 || findings === '' ? '' : ` ${findings}`;
  return ahead + shown + learnedAgainstRandom(rows, metric) + limits;
}
