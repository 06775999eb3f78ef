/** A table as its columns, whatever file it stands in. */
import { listed } from '../sources/split-files.js';
import { tableError } from './errors.js';

/** Rows with the values of some columns, in the order in which those were asked for. */
export interface TableRow {
  /** Where it stands: a line of a text, from 1, or a row of a Parquet file, from 1. */
  readonly at: number;
  readonly values: readonly unknown[];
}

export interface Table {
  /** What messages call the file. */
  readonly where: string;
  /** What `at` of a row counts. */
  readonly counts: 'line' | 'row';
  readonly columns: readonly string[];
  /** @throws InputError (`column-missing` listing those that there are) */
  read(names: readonly string[]): Promise<readonly TableRow[]>;
}

/** @throws InputError (`column-missing`) */
export function columnPlaces(
  { where, columns }: Pick<Table, 'where' | 'columns'>,
  names: readonly string[],
): number[] {
  return names.map((name) => {
    const place = columns.indexOf(name);
    if (place >= 0) return place;
    const there = columns.length > 0 ? `its columns are ${listed(columns, 20)}` : 'it has no columns';
    return tableError(
      'column-missing',
      where,
      `there is no column "${name}"; ${there}`,
      'Name a column that there is',
    );
  });
}

/** Longest text of a cell, in UTF-16 units: a table of documents may have long ones, one of a whole corpus is none. */
const MOST_UNITS = 2 ** 20;

/** @throws InputError (`value-invalid`) naming the place, the column and what is there */
export function badValue(
  { where, counts }: Pick<Table, 'where' | 'counts'>,
  at: number,
  column: string,
  found: string,
): never {
  const place = `"${column}" in ${counts} ${at} is ${found}`;
  return tableError('value-invalid', where, place, 'Correct it, or leave that out');
}

/** A text. Numbers and flags are none: a column of them was hardly meant. */
export function textValue(
  table: Pick<Table, 'where' | 'counts'>,
  at: number,
  column: string,
  value: unknown,
): string {
  if (typeof value !== 'string') return badValue(table, at, column, `${kindOf(value)}, no text`);
  if (value.length <= MOST_UNITS) return value;
  return badValue(table, at, column, `a text of ${value.length} characters, more than ${MOST_UNITS}`);
}

/** What a value is, in a few words. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'missing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === 'number' || typeof value === 'bigint') return `the number ${value}`;
  return typeof value === 'boolean' ? String(value) : `a ${typeof value}`;
}
