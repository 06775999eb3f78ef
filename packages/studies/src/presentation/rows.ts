/** Blocks that documents of several studies have. */
import type {
  DocumentBlock,
  DocumentCell,
  DocumentColumn,
  DocumentTable,
  MeasuredFloor,
  MetricSpec,
} from '@ligature/core';
import type { MeanInterval } from '../statistics/student.js';
import type { Spread } from '../statistics/spread.js';

export const heading = (text: string): DocumentBlock => ({ kind: 'heading', text });

/** `4.120 ± 0.013`: the standard deviation over seeds. */
export const spreadCell = ({ mean, standardDeviation }: Spread): DocumentCell => ({
  mean,
  plus: standardDeviation,
});

/** `5.120 ± 0.031`: half of the 95 % interval. */
export const halfCell = ({ mean, high }: MeanInterval): DocumentCell => ({
  mean,
  plus: high === null ? null : high - mean,
});

/** `4.1 to 4.3` */
export const intervalCell = ({ low, high }: Pick<MeanInterval, 'low' | 'high'>): DocumentCell => ({
  low,
  high,
});

/** `+0.0123 [+0.0021, +0.0225]` */
export const differenceCell = (interval: MeanInterval | null): DocumentCell =>
  interval === null ? null : { difference: interval.mean, low: interval.low, high: interval.high };

/** Four digits where maps lie closer together than controllers; a share has its own. */
export const close = ({ unit }: MetricSpec): Pick<DocumentColumn, 'unit' | 'digits'> =>
  unit === '%' ? { unit, digits: 2 } : { unit, digits: 4 };

/** A table built column by column. */
export interface ColumnOf<Row> extends DocumentColumn {
  readonly of: (row: Row) => DocumentCell | undefined;
  /** What a floor has here; left out: nothing. */
  readonly floor?: (floor: MeasuredFloor) => DocumentCell | undefined;
}

/** @param floors reference points, as lines below the rows: where a column has something to say of them */
export function tableOf<Row>(
  rows: readonly Row[],
  columns: readonly ColumnOf<Row>[],
  {
    floors = [],
    ...rest
  }: Omit<DocumentTable, 'kind' | 'columns' | 'rows' | 'footer'> & {
    readonly floors?: readonly MeasuredFloor[];
  },
): DocumentTable {
  const name = columns.findIndex(({ heading: title }) => title !== undefined);
  const footer = floors
    .filter((floor) => columns.some((column) => typeof column.floor?.(floor) === 'number'))
    .map((floor) =>
      columns.map((column, at) => (at === name ? `${floor.name} floor` : (column.floor?.(floor) ?? ''))),
    );
  return {
    kind: 'table',
    ...rest,
    columns: columns.map(({ of: _, floor: __, ...column }) => column),
    rows: rows.map((row) => columns.map(({ of }) => of(row) ?? null)),
    ...(footer.length > 0 && { footer }),
  };
}

/** A column of a metric: floors have theirs below it. */
export const withFloor = <Row>(
  column: ColumnOf<Row>,
  split: 'validation' | 'test',
  { name }: MetricSpec,
): ColumnOf<Row> => ({ ...column, floor: (floor) => floor[split][name] });

/** For people and programs. */
export const both = <Row>(
  key: string,
  heading: string,
  unit: string,
  of: (row: Row) => DocumentCell | undefined,
): ColumnOf<Row> => ({ key, heading, unit, of });

/** For programs: raw. */
export const raw = <Row>(key: string, of: (row: Row) => DocumentCell | undefined): ColumnOf<Row> => ({
  key,
  unit: '',
  of,
});

/** For people. */
export const shown = <Row>(
  heading: string,
  unit: string,
  of: (row: Row) => DocumentCell | undefined,
  digits?: number,
): ColumnOf<Row> => ({ heading, unit, of, ...(digits !== undefined && { digits }) });
