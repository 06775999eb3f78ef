/** What a sweep shows and what it does not, in plain words made from its numbers. */
import { theseData } from '../presentation/words.js';
import { CONFIDENCE } from '../statistics/comparison-statistics.js';
import type { MetricSpec } from '@ligature/core';
import { amount, metricName, probability } from '../statistics/wording.js';
import type { Sweep, SweepNumber, SweepRow } from './types.js';

type Unnoted = Omit<Sweep, 'note'>;

export function noteOf(sweep: Unnoted): string {
  const { rows, choice, objective, configurations, unfinished } = sweep;
  if (rows.length === 0) return 'No trial finished, so nothing is shown.';
  const best = rows.find(({ id }) => id === choice?.id);
  if (choice === null || best === undefined) {
    return `No trial measured ${objective.metric}, so the configurations are not ranked.`;
  }
  const sentences = [
    `The ${objective.goal === 'minimize' ? 'lowest' : 'highest'} ${mean(best)}${objective.metric} ` +
      `${best.objective.n === 1 ? 'is' : 'over seeds is'} that of #${best.id} (${best.label}): ${number(sweep, best.objective)}.`,
    leftOut(sweep),
    againstSecond(sweep),
    rest(sweep),
    optimism(sweep, best),
    unfinished > 0
      ? `${unfinished} of ${configurations * sweep.seeds.length} trials have not been run to their end.`
      : '',
  ];
  return sentences.filter(Boolean).join(' ');
}

const mean = ({ objective }: SweepRow): string => (objective.n === 1 ? '' : 'mean ');

const isRanked = ({ seeds }: SweepRow, [first]: readonly SweepRow[]): boolean =>
  seeds.length === first?.seeds.length;

/** Means over fewer seeds than the others' stand in the table, but not in the ranking. */
function leftOut({ rows }: Unnoted): string {
  const fewer = rows.filter((row) => !isRanked(row, rows));
  if (fewer.length === 0) return '';
  const names = fewer.map(({ id }) => `#${id}`).join(', ');
  return `${names} ${fewer.length === 1 ? 'is' : 'are'} left out of the ranking: not all of the seeds were trained to the end.`;
}

function againstSecond({ choice, objective, task }: Unnoted): string {
  if (!choice || choice.second === null || choice.difference === null) return '';
  const { differences, interval, test } = choice.difference;
  const ahead =
    interval === null ? '' : ` by ${size(objective.metric, Math.abs(interval.mean), task)} on average`;
  if (test === null) {
    return `It is ahead of #${choice.second}${ahead}; with one seed nothing says whether more than chance is behind that.`;
  }
  if (differences.every((one) => one === 0)) {
    return `#${choice.second} is equal to it to the last digit on every seed.`;
  }
  const surely = test.p < 1 - CONFIDENCE;
  return (
    `It is ahead of #${choice.second}${ahead}, paired over ${differences.length} seeds: ` +
    `${surely ? 'more than the noise of seeds' : 'no more than the noise of seeds explains'} (${probability(test.p)}).`
  );
}

/** How many of the others are shown to be worse. */
function rest({ choice, rows }: Unnoted): string {
  const others = rows.filter((row) => isRanked(row, rows)).length - 1;
  if (!choice?.difference?.test || others < 2) return '';
  const worse = choice.shownWorse.length;
  return (
    `Of the ${others} others, ${worse === 0 ? 'none is' : worse === others ? 'all are' : worse === 1 ? '1 is' : `${worse} are`} shown to be worse ` +
    '(paired by seed, Holm-corrected); as it was picked for being ahead, even these tests flatter it.'
  );
}

/** The best of many is partly the luckiest of many: its own number is too good. */
function optimism({ objective, rows: all, task }: Unnoted, best: SweepRow): string {
  const primary = task.metrics[0] as MetricSpec;
  const rows = all.filter((row) => isRanked(row, all));
  const test = Number.isFinite(best.test.mean)
    ? `${amount(best.test.mean, primary)}${halfWidth(best.test, 3)}`
    : '';
  if (objective.metric.startsWith('test.')) {
    return rows.length > 1
      ? `The test split made the choice, so its number for the best of ${rows.length} configurations is too good, and no untouched split is left to say by how much.`
      : '';
  }
  if (test === '') return '';
  const split = objective.metric.startsWith('validation.') ? 'on the validation split ' : '';
  return rows.length > 1
    ? `The best of ${rows.length} configurations ${split}is partly the luckiest of ${rows.length}, so its number is too good; ` +
        `the test split had no part in the choice, and its ${metricName(primary)} there is ${test}. ` +
        `All of this holds at this budget, on ${theseData(task)}; with longer training another configuration may be ahead.`
    : `Its test ${metricName(primary)} is ${test}.`;
}

function number({ objective, task }: Unnoted, value: SweepNumber): string {
  const text = size(objective.metric, value.mean, task);
  return value.low === null
    ? text
    : `${text}, ${CONFIDENCE * 100} % interval ${plain(value.low)} to ${plain(value.high ?? 0)}`;
}

function size(objective: string, value: number, { metrics }: Unnoted['task']): string {
  const metric = metrics.find(
    ({ name }) => /^(validation|test)\./.test(objective) && objective.endsWith(`.${name}`),
  );
  return metric !== undefined && metric.unit !== '' ? amount(value, metric) : plain(value);
}

/** Three digits after the point where it is small, four digits in all otherwise. */
const plain = (value: number): string =>
  Math.abs(value) < 100 ? value.toFixed(3) : Math.round(value).toLocaleString('en-US');

const halfWidth = ({ mean: center, high }: SweepNumber, digits: number): string =>
  high === null ? '' : ` ± ${(high - center).toFixed(digits)}`;
