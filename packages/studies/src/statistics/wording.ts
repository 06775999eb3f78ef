/** Numbers and findings in plain words. Nothing is called better here unless the test says so. */
import type { MetricSpec } from '@ligature/core';
import type { ComparisonStatistics, ControlComparison } from './comparison-statistics.js';
import { FEWEST_PAIRS, type Finding, type Judgement } from './findings.js';
import { MOST_SEEDS } from './power.js';

/** `5.123 nats`, `0.871`, `43.2 %`. */
export function amount(value: number, { unit }: Pick<MetricSpec, 'unit'>, digits = 3): string {
  if (unit === '%') return `${(100 * value).toFixed(Math.max(1, digits - 2))} %`;
  return `${value.toFixed(digits)}${unit === '' ? '' : ` ${unit}`}`;
}

/** The same with a sign in front, typographic where it is a minus. */
export const signedAmount = (value: number, metric: Pick<MetricSpec, 'unit'>): string =>
  `${value < 0 ? '−' : '+'}${amount(Math.abs(value), metric)}`;

/** In a sentence: `loss`, `accuracy`. */
export const metricName = ({ label, name }: MetricSpec): string => label ?? name;

/** Above a column: `nats`, `bits/byte`, `accuracy`. */
export const metricHeading = (metric: MetricSpec): string =>
  metric.unit === '' || metric.unit === '%' ? metricName(metric) : metric.unit;

/** On an axis: `nats per token` where the training loss is in the same unit, else as above a column. */
export const metricAxis = (metric: MetricSpec, lossUnit: string): string =>
  metric.unit !== '' && lossUnit.startsWith(`${metric.unit} `) ? lossUnit : metricHeading(metric);

/** In the heading of a CSV column: `bits_per_byte`. */
export const metricKey = ({ name }: MetricSpec): string =>
  name.replaceAll('.', '_').replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

type Directed = Pick<MetricSpec, 'better'>;

/** `lowest` or `highest`: of the best. */
export const best = ({ better }: Directed): string => (better === 'lower' ? 'lowest' : 'highest');

/** Where a better value lies: `below` or `above`. */
export const beyond = ({ better }: Directed): string => (better === 'lower' ? 'below' : 'above');

/** Where a worse one does. */
export const opposite = ({ better }: Directed): string => (better === 'lower' ? 'above' : 'below');

/** Sorts the better of two numbers first. */
export const byMetric =
  ({ better }: Directed) =>
  (a: number, b: number): number =>
    better === 'lower' ? a - b : b - a;

export const isBetter = (a: number, b: number, { better }: Directed): boolean =>
  better === 'lower' ? a < b : a > b;

/** Whether a finding about a difference says that what comes first is better, worse, or neither. */
export function judged(finding: Finding, { better }: Directed): 'better' | 'worse' | undefined {
  if (finding !== 'lower' && finding !== 'higher') return undefined;
  return finding === better ? 'better' : 'worse';
}

/** A p-value as people print it. */
export const probability = (p: number): string => (p < 0.001 ? 'p < 0.001' : `p = ${p.toFixed(3)}`);

/** What each controller does against the control, then who has won, if anyone. Empty when nothing was tested. */
export function findingsText(statistics: ComparisonStatistics, metric: MetricSpec): string {
  const { control, againstControl, winner, confidence, means, margin } = statistics;
  const tested = againstControl.filter(({ finding }) => finding !== 'untested');
  const percent = `${Math.round(confidence * 100)} %`;
  const order = [metric.better, metric.better === 'lower' ? 'higher' : 'lower'] as const;
  const words = wordsOf(margin, metric);
  const groups = ([...order, 'equivalent', 'no-difference', 'identical', 'incomplete'] as const).flatMap(
    (finding) => {
      const group = tested.filter((one) => one.finding === finding);
      return group.length === 0
        ? []
        : [`${words[finding]} ${group.map((one) => detail(one, metric)).join('; ')}`];
    },
  );
  const sentences: string[] = [];
  if (groups.length > 0) {
    sentences.push(
      `Against ${control}, paired by seed (mean difference, its ${percent} interval, Holm-corrected p): ${groups.join('. ')}.`,
    );
  }
  const untested = againstControl.filter(({ finding }) => finding === 'untested');
  if (untested.length > 0 && (tested.length > 0 || untested.some(({ seeds }) => seeds.length > 1))) {
    const names = untested.map(({ controller }) => controller).join(', ');
    sentences.push(
      `Not tested, for want of ${FEWEST_PAIRS} seeds with a finite ${metricName(metric)} on both sides: ${names}.`,
    );
  }
  if (winner !== null) {
    sentences.push(
      `${winner} is shown to have a ${metric.better} ${metricName(metric)} than every other controller here.`,
    );
  } else if (means.length > 1) {
    sentences.push('No controller is shown to be better than all others, so none is called the winner.');
  }
  return sentences.join(' ');
}

const wordsOf = (
  margin: number | null,
  metric: MetricSpec,
): Record<Exclude<Finding, 'untested'>, string> => ({
  lower: 'lower is',
  higher: 'higher is',
  equivalent: `within the margin of ${amount(margin ?? 0, metric)} lies`,
  'no-difference': 'no difference is shown for',
  identical: 'no difference, to the last digit, has',
  incomplete: 'nothing is claimed, since trials are missing, for',
});

function detail(one: ControlComparison, metric: MetricSpec): string {
  const { controller, interval, correctedP, equivalence, finding } = one;
  const named = `${controller}${missingText(one)}`;
  if (interval === null || correctedP === null || finding === 'identical') return named;
  const { mean, low, high } = interval;
  const bounds = low === null || high === null ? '' : `, ${signed(low)} to ${signed(high)}`;
  const p = probability(correctedP);
  const how =
    finding === 'equivalent' && equivalence !== null
      ? `two one-sided tests ${probability(equivalence.correctedP)}`
      : finding === 'no-difference'
        ? `${p}; ${powerText(one, metric)}`
        : p;
  return `${named} (${signed(mean)}${bounds}, ${how})`;
}

/** ` over 2 of 5 seeds` where trials are missing, and whose. */
export function missingText({
  seeds,
  planned,
  missing,
  control,
}: Pick<ControlComparison, 'seeds' | 'planned' | 'missing' | 'control'>): string {
  if (missing.controller + missing.control === 0) return '';
  const whose = missing.controller > 0 ? '' : `, ${control} lacks the others`;
  return ` over ${seedsOfPlanned(seeds.length, planned)}${whose}`;
}

/** `2 of 5 seeds`; `5 seeds` where that is all of them. */
export const seedsOfPlanned = (finished: number, planned: number): string =>
  finished === planned ? `${planned} ${planned === 1 ? 'seed' : 'seeds'}` : `${finished} of ${planned} seeds`;

/** What a test that shows nothing could have shown: `80 % power from 0.031 nats on; 18 seeds for the margin`. */
export function powerText(
  { sensitivity, equivalence }: Pick<Judgement, 'sensitivity' | 'equivalence'>,
  metric: Pick<MetricSpec, 'unit'>,
  units = 'seeds',
): string {
  if (sensitivity === null) return '';
  const { power, detectable, pairsForMargin } = sensitivity;
  const from = `${Math.round(100 * power)} % power from ${amount(detectable, metric)} on`;
  if (equivalence === null) return from;
  const margin = amount(equivalence.margin, metric);
  return pairsForMargin === null
    ? `${from}, ${margin} would take more than ${MOST_SEEDS} ${units}`
    : `${from}, ${margin} takes ${pairsForMargin} ${units}`;
}

const signed = (value: number): string => `${value > 0 ? '+' : ''}${value.toFixed(3)}`;

/** `lower`, `no difference shown`: a finding in a table. */
export const findingText = (finding: Finding): string => FINDINGS[finding];

const FINDINGS: Readonly<Record<Finding, string>> = {
  lower: 'lower',
  higher: 'higher',
  equivalent: 'within margin',
  'no-difference': 'no difference shown',
  identical: 'identical',
  incomplete: 'trials missing',
  untested: 'not tested',
};
