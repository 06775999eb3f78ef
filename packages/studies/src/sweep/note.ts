/** What a sweep shows and what it does not, in plain words made from its numbers. */
import { floorsSentence } from '../presentation/floors.js';
import { theseData } from '../presentation/words.js';
import { CONFIDENCE } from '../statistics/findings.js';
import type { MetricSpec } from '@ligature/core';
import { amount, metricName, probability, seedsOfPlanned } from '../statistics/wording.js';
import { isWhole } from './choice.js';
import { ofSplit } from './objective.js';
import type { Sweep, SweepNumber, SweepRow } from './types.js';

type Unnoted = Omit<Sweep, 'note' | 'plan' | 'keptPlan'>;

export function noteOf(sweep: Unnoted): string {
  const { rows, choice, objective, configurations, unfinished } = sweep;
  if (rows.length === 0) return 'No trial finished, so nothing is shown.';
  if (rows.every((row) => row.objective.n === 0))
    return `No trial measured ${objective.metric}, so the configurations are not ranked.`;
  const best = rows.find(({ id }) => id === choice?.id);
  const open =
    unfinished > 0
      ? `${unfinished} of ${configurations * sweep.seeds.length} trials have not been run to their end.`
      : '';
  if (choice === null || best === undefined)
    return [
      `No configuration has a ${objective.metric} of all ${sweep.seeds.length} seeds yet, so none is chosen.`,
      open,
    ]
      .filter(Boolean)
      .join(' ');
  const sentences = [
    `The ${objective.goal === 'minimize' ? 'lowest' : 'highest'} ${mean(best)}${objective.metric} ` +
      `${best.objective.n === 1 ? 'is' : 'over seeds is'} that of #${best.id} (${best.label}): ${number(sweep, best.objective)}.`,
    leftOut(sweep),
    againstSecond(sweep),
    rest(sweep),
    optimism(sweep, best),
    floorsSentence(
      sweep.floors,
      sweep.task.metrics[0] as MetricSpec,
      rows.map(({ test }) => test.mean),
    ),
    open,
  ];
  return sentences.filter(Boolean).join(' ');
}

const mean = ({ objective }: SweepRow): string => (objective.n === 1 ? '' : 'mean ');

/** Means over fewer seeds than the others' stand in the table, but not in the ranking. */
function leftOut({ rows, seeds }: Unnoted): string {
  const fewer = rows.filter((row) => !isWhole(row, seeds.length));
  if (fewer.length === 0) return '';
  const names = fewer
    .map(({ id, objective }) => `#${id} (${seedsOfPlanned(objective.n, seeds.length)})`)
    .join(', ');
  return `${names} ${fewer.length === 1 ? 'is' : 'are'} left out of the ranking: trials are missing, and a missing trial counts as failed.`;
}

function againstSecond({ choice, objective, task }: Unnoted): string {
  if (!choice || choice.second === null || choice.difference === null) return '';
  const { seeds, interval, test, finding, correctedP, sensitivity } = choice.difference;
  const ahead =
    interval === null ? '' : ` by ${size(objective.metric, Math.abs(interval.mean), task)} on average`;
  if (finding === 'identical') return `#${choice.second} is equal to it to the last digit on every seed.`;
  if (finding === 'untested' || test === null || correctedP === null) {
    const few = seeds.length === 1 ? 'one seed' : `${seeds.length} seeds`;
    return `It is ahead of #${choice.second}${ahead}; with ${few} nothing says whether more than chance is behind that.`;
  }
  const shown = finding === 'lower' || finding === 'higher';
  const equivalence = choice.difference.equivalence;
  if (finding === 'equivalent' && equivalence !== null)
    return (
      `It is ahead of #${choice.second}${ahead}, paired over ${seeds.length} seeds: equivalent within the margin of ` +
      `${size(objective.metric, equivalence.margin, task)} (Holm-corrected ${probability(equivalence.correctedP)}).`
    );
  const power =
    shown || sensitivity === null
      ? ''
      : `; ${Math.round(100 * sensitivity.power)} % power from ${size(objective.metric, sensitivity.detectable, task)} on`;
  return (
    `It is ahead of #${choice.second}${ahead}, paired over ${seeds.length} seeds: ` +
    `${shown ? 'more than the noise of seeds' : 'no more than the noise of seeds explains'} ` +
    `(Holm-corrected ${probability(correctedP)}${power}).`
  );
}

/** How many of the others are shown to be worse. */
function rest({ choice, rows, seeds }: Unnoted): string {
  const others = rows.filter((row) => isWhole(row, seeds.length)).length - 1;
  if (!choice?.difference || choice.difference.finding === 'untested' || others < 2) return '';
  const worse = choice.shownWorse.length;
  const same = choice.shownEquivalent.length;
  const equivalent =
    choice.margin === null ? '' : `, ${same === 0 ? 'none' : same} to be equivalent within the margin`;
  return (
    `Of the ${others} others, ${worse === 0 ? 'none is' : worse === others ? 'all are' : worse === 1 ? '1 is' : `${worse} are`} shown to be worse${equivalent} ` +
    '(paired by seed, Holm-corrected); as it was picked for being ahead, even these tests flatter it.'
  );
}

/** The best of many is partly the luckiest of many: its own number is too good. */
function optimism({ objective, rows: all, task, seeds }: Unnoted, best: SweepRow): string {
  const primary = task.metrics[0] as MetricSpec;
  const rows = all.filter((row) => isWhole(row, seeds.length));
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
  const metric = metrics.find(({ name }) => ofSplit(name).includes(objective));
  return metric !== undefined && metric.unit !== '' ? amount(value, metric) : plain(value);
}

/** Three digits after the point where it is small, four digits in all otherwise. */
const plain = (value: number): string =>
  Math.abs(value) < 100 ? value.toFixed(3) : Math.round(value).toLocaleString('en-US');

const halfWidth = ({ mean: center, high }: SweepNumber, digits: number): string =>
  high === null ? '' : ` ± ${(high - center).toFixed(digits)}`;
