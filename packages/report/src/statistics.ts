/** The statistics of a comparison: a line per controller, set against the control; for people and for programs. */
import type { Comparison, ControlComparison, Finding, MeanInterval } from '@ligature/studies';
import { stringify } from 'csv-stringify/sync';
import { formatQuantity, quantities } from './format.js';
import { code, table } from './markdown.js';

const MISSING = '–';

const FINDINGS: Readonly<Record<Finding, string>> = {
  lower: 'lower',
  higher: 'higher',
  'no-difference': 'no difference shown',
  identical: 'identical',
  untested: 'not tested',
};

/** Heading and lines for people; `[]` when nothing was tested, as with one seed. */
export function statisticsRows({ statistics }: Pick<Comparison, 'statistics'>): string[][] {
  const { means, againstControl, control, confidence } = statistics;
  if (againstControl.every(({ test }) => test === null)) return [];
  const level = `${Math.round(confidence * 100)} % interval`;
  return [
    ['Controller', 'Test nats', level, `Minus ${control}`, level, "Hedges' g", 'Corrected p', 'Finding'],
    ...means.map((mean) => {
      const pair = againstControl.find(({ controller }) => controller === mean.controller);
      return [
        mean.controller,
        formatQuantity(mean.mean, quantities.nats),
        interval(mean),
        ...(pair ? paired(pair) : [MISSING, MISSING, MISSING, MISSING, 'the control']),
      ];
    }),
  ];
}

function paired({ interval: difference, test, correctedP, finding }: ControlComparison): string[] {
  return [
    formatQuantity(difference?.mean, quantities.nats),
    difference ? interval(difference) : MISSING,
    formatQuantity(test?.hedgesG ?? undefined, quantities.effect),
    correctedP === null ? MISSING : correctedP < 0.001 ? '< 0.001' : correctedP.toFixed(3),
    FINDINGS[finding],
  ];
}

function interval({ low, high }: MeanInterval): string {
  if (low === null || high === null) return MISSING;
  return `${formatQuantity(low, quantities.nats)} to ${formatQuantity(high, quantities.nats)}`;
}

/** Table and legend; `[]` when nothing was tested. */
export function statisticsSection(comparison: Comparison): string[] {
  const rows = statisticsRows(comparison);
  if (rows.length === 0) return [];
  const { control, confidence } = comparison.statistics;
  return [
    `## Against ${code(control ?? '')}`,
    table(rows),
    `Test loss in nats per token, lower is better. Differences are taken seed by seed; intervals and p-values are those of ` +
      `Student's t, two-sided, p corrected after Holm over the controllers of this table; *Hedges' g* is the mean difference ` +
      `over the standard deviation of the differences, without its bias in small samples. A difference counts as shown when ` +
      `the corrected p is below ${(1 - confidence).toFixed(2)}; *no difference shown* does not mean that there is none.`,
  ];
}

/** One line per controller, raw: mean, interval, and what the paired test against the control says. */
export function statisticsCsv({ statistics }: Pick<Comparison, 'statistics'>): string {
  const { means, againstControl, control } = statistics;
  return stringify([
    [
      ...['controller', 'seeds', 'test_nats', 'test_nats_sd', 'test_nats_low', 'test_nats_high'],
      ...['control', 'paired_seeds', 'difference', 'difference_sd', 'difference_low', 'difference_high'],
      ...['t', 'degrees_of_freedom', 'p', 'p_holm', 'cohens_d', 'hedges_g', 'finding'],
    ],
    ...means.map((mean) => {
      const pair = againstControl.find(({ controller }) => controller === mean.controller);
      const { interval: difference, test } = pair ?? {};
      return [
        ...[mean.controller, mean.n, mean.mean, mean.standardDeviation, mean.low, mean.high],
        ...[pair ? control : '', pair?.seeds.length],
        ...[difference?.mean, difference?.standardDeviation, difference?.low, difference?.high],
        ...[test?.t, test?.degreesOfFreedom, test?.p, pair?.correctedP, test?.cohensD, test?.hedgesG],
        pair?.finding ?? 'control',
      ];
    }),
  ]);
}
