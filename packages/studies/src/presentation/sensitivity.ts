/** What tables say of power, of a margin and of missing trials, the same in every study. */
import type { MetricSpec } from '@ligature/core';
import type { Judgement } from '../statistics/findings.js';
import { amount } from '../statistics/wording.js';
import { both, raw, shown, type ColumnOf } from './rows.js';

export const powerNote =
  `*80 % power from*: the smallest true difference that so many seeds show with 80 % power, at the observed standard ` +
  `deviation of the differences and after the correction (noncentral t).`;

export const marginNote = (margin: number, metric: MetricSpec): string =>
  `*within margin*: shown to lie within ±${amount(margin, metric)}, the margin that was named before, by two one-sided ` +
  `tests, Holm-corrected; *Seeds for margin* would show a difference of that size with 80 % power.`;

export const missingNote =
  `A trial that is missing counts as failed: differences are over the seeds that both sides finished, and *trials missing* ` +
  `stands where they would speak for a side that lacks some.`;

type Tested = Pick<Judgement, 'equivalence' | 'sensitivity'>;

/** @param of the judgement of a line; `undefined` for the control @param rows for people it is shown where any line has it */
export function powerColumns<Row>(
  unit: string,
  of: (row: Row) => Tested | undefined,
  rows: readonly Row[],
  digits?: number,
): ColumnOf<Row>[] {
  const detectable = (row: Row): number | undefined => of(row)?.sensitivity?.detectable;
  return [
    raw('detectable', detectable),
    raw('power_level', (row) => of(row)?.sensitivity?.level),
    ...(rows.some((row) => detectable(row) !== undefined)
      ? [shown('80 % power from', unit, detectable, digits)]
      : []),
  ];
}

/** @param of the judgement of a line; `undefined` for the control */
export const equivalenceColumns = <Row>(of: (row: Row) => Tested | undefined): ColumnOf<Row>[] => [
  both('seeds_for_margin', 'Seeds for margin', 'count', (row) => of(row)?.sensitivity?.pairsForMargin),
  raw('margin', (row) => of(row)?.equivalence?.margin),
  raw('p_equivalence', (row) => of(row)?.equivalence?.p),
  raw('p_equivalence_holm', (row) => of(row)?.equivalence?.correctedP),
];
