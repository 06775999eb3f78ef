/** What a comparison shows and what it does not, in plain words made from its numbers. */
import { largest, smallest } from '@ligature/core';
import type { MetricSpec, TrialResult } from '@ligature/core';
import type { ComparisonStatistics } from '../statistics/comparison-statistics.js';
import { judge, type Judgement } from '../statistics/findings.js';
import { evidenceOf, pairedDifference, type SeededValues } from '../statistics/paired.js';
import { spreadOf, type Spread } from '../statistics/spread.js';
import {
  amount,
  best,
  byMetric,
  findingsText,
  isBetter,
  metricName,
  powerText,
  probability,
  seedsOfPlanned,
} from '../statistics/wording.js';
import { otherData } from '../presentation/words.js';
import type { ComparisonRow } from './types.js';

const NONE: Spread = { mean: Number.NaN, standardDeviation: null, values: [] };

const measured = (row: ComparisonRow, { name }: MetricSpec): Spread => row.test[name] ?? NONE;

/** `q-learning` of `q-learning:epsilon=0.1`, and of no other name that begins alike. */
const nameOf = ({ controller }: ComparisonRow): string => controller.split(':')[0] as string;

const series = (row: ComparisonRow, metric: MetricSpec): SeededValues => ({
  controller: row.controller,
  seeds: row.seeds,
  values: measured(row, metric).values,
});

/** One contrast that was meant from the start, so it needs no correction. */
function learnedAgainstRandom(
  rows: readonly ComparisonRow[],
  metric: MetricSpec,
  { margin, planned }: { readonly margin: number | null; readonly planned: readonly number[] },
): string {
  const learned = rows.find((row) => nameOf(row) === 'q-learning');
  const random = rows.find((row) => nameOf(row) === 'random');
  if (!learned || !random) return '';
  const [one, other] = [series(learned, metric), series(random, metric)];
  const pair = pairedDifference(one, other, planned);
  const { differences } = pair;
  if (differences.length === 0) return '';
  const won = differences.filter((difference) => isBetter(difference, 0, metric)).length;
  const difference = spreadOf(differences).mean;
  const size = amount(Math.abs(difference), metric);
  const place =
    size === amount(0, metric)
      ? 'where random actions end, to the digits shown,'
      : `${size} ${difference < 0 ? 'below' : 'above'} random actions`;
  const judgement = judge([evidenceOf(pair, one, other)], { better: metric.better, margin })[0] as Judgement;
  return ` ${learned.controller} ends ${place} on average (${metric.better} on ${won} of ${seedsOfPlanned(differences.length, planned.length)}${surely(judgement, metric)}).`;
}

function surely(judgement: Judgement, metric: MetricSpec): string {
  const { finding, test, equivalence } = judgement;
  if (test === null) return '';
  const p = `uncorrected ${probability(test.p)}`;
  switch (finding) {
    case 'untested':
      return '';
    case 'incomplete':
      return '; trials are missing, so nothing is claimed';
    case 'equivalent':
      return `; shown to lie within ${amount(equivalence?.margin ?? 0, metric)}, two one-sided tests, uncorrected ${probability(equivalence?.p ?? 1)}`;
    case 'lower':
    case 'higher':
      return `; a difference is shown, ${p}`;
    default: {
      const power = powerText(judgement, metric);
      return `; no difference is shown, ${p}${power === '' ? '' : `, ${power}`}`;
    }
  }
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
      ? `${budget.amount.toPrecision(3)} FLOPs of training and measuring, by the ledger`
      : `${budget.amount} seconds of training, which no two runs spend alike`;
  return `All were given the same ${spent}, and saw ${least} to ${most} training ${unit}${passes(least, most)}`;
}

/** @param metric by which they are ranked, on the validation split: what was chosen is reported on the test split */
export function verdictOf(
  rows: readonly ComparisonRow[],
  statistics: ComparisonStatistics,
  trials: readonly TrialResult[],
  metric: MetricSpec,
  planned: readonly number[],
): string {
  if (rows.length === 0 || trials.length === 0) return 'No trial finished, so nothing is shown.';
  const name = metricName(metric);
  // Without an evaluator that measures it there is nothing to rank by.
  if (!rows.some((row) => Number.isFinite(measured(row, metric).mean)))
    return `No test ${name} was measured, so the table shows what each scheme costs and not what it gives.`;
  const seeds = new Set(trials.map(({ seed }) => seed)).size;
  const findings = findingsText(statistics, metric);
  const limits =
    ` ${equalBudget(trials)} in the same order from the same initialization, ` +
    `so the numbers show what each scheme costs and gives at this budget${seeds === 1 ? ';' : ','} ` +
    (seeds === 1
      ? `with one seed and so few ${trials[0]?.unit} they do not show which controller is better, nor what happens at convergence.`
      : `and ${seeds} seeds say how surely; nothing is shown about other budgets, ${otherData(trials[0] as TrialResult)}, or convergence.`);
  const shown = seeds === 1 || findings === '' ? '' : ` ${findings}`;
  const { margin } = statistics;
  return (
    ahead(rows, metric) +
    lacking(rows) +
    shown +
    learnedAgainstRandom(rows, metric, { margin, planned }) +
    limits
  );
}

/** Who is first on validation, among those that finished all of their seeds. */
function ahead(rows: readonly ComparisonRow[], metric: MetricSpec): string {
  const name = metricName(metric);
  const [alone] = rows as readonly [ComparisonRow];
  const onTest = (row: ComparisonRow): string => amount(measured(row, metric).mean, metric);
  if (rows.length === 1) return `${alone.controller} reaches a test ${name} of ${onTest(alone)}.`;
  const onValidation = (row: ComparisonRow): number => row.validation[metric.name]?.mean ?? Number.NaN;
  const [first] = rows
    .filter((row) => row.measured === row.planned)
    .sort((a, b) => byMetric(metric)(onValidation(a), onValidation(b)));
  const small = [...rows].sort(
    (a, b) => a.uniqueParameters.mean - b.uniqueParameters.mean,
  )[0] as ComparisonRow;
  const stores =
    `${small.controller} stores the fewest parameters (${(small.reduction.mean * 100).toFixed(0)} % fewer than the untied stack) ` +
    `at a test ${name} of ${onTest(small)}.`;
  if (first === undefined)
    return `No controller has a ${name} of all its planned seeds, so none is called ${best(metric)}; ${stores}`;
  // Over several seeds it is a mean that is lowest, which is not yet a finding.
  const the = `the ${best(metric)} ${first.planned === 1 ? '' : 'mean '}validation ${name}`;
  const has = `${first.controller} has ${the} (${amount(onValidation(first), metric)}), and a test ${name} of ${onTest(first)}`;
  return first === small ? `${has}, with the fewest parameters.` : `${has}; ${stores}`;
}

/** Means over other seeds than the others' are no means to set beside them. */
function lacking(rows: readonly ComparisonRow[]): string {
  const few = rows.filter((row) => row.measured < row.planned);
  if (few.length === 0) return '';
  const list = few.map((row) => `${row.controller} ${seedsOfPlanned(row.measured, row.planned)}`).join(', ');
  return ` Trials are missing: ${list}. They count as failures: nothing is claimed in favour of a side that lacks them.`;
}
