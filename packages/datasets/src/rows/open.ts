/** Which reader a file needs, by the ending of its name or by what a user said. */
import { openDelimited } from './delimited.js';
import { tableError } from './errors.js';
import { openJsonLines } from './json-lines.js';
import { openParquet } from './parquet.js';
import type { Table } from './table.js';

export const FORMATS = ['csv', 'tsv', 'jsonl', 'parquet'] as const;
export type Format = (typeof FORMATS)[number];

const ENDINGS: Readonly<Record<string, Format>> = {
  ...{ csv: 'csv', tsv: 'tsv', tab: 'tsv', jsonl: 'jsonl', ndjson: 'jsonl', parquet: 'parquet' },
};

/** For messages. */
export const TABLE_ENDINGS = '.csv, .tsv, .jsonl or .parquet';

const ENDING = /\.([a-z]+)$/iu;

/** What the name of a file says; nothing where it is not called as a table. */
export function formatOf(path: string): Format | undefined {
  const [, ending = ''] = ENDING.exec(path) ?? [];
  const name = ending.toLowerCase();
  return Object.hasOwn(ENDINGS, name) ? ENDINGS[name] : undefined;
}

/** `train.csv` -> `train` */
export const withoutTableEnding = (name: string): string =>
  formatOf(name) === undefined ? name : name.replace(ENDING, '');

export interface OpenOptions {
  readonly format: Format | 'auto';
  /** Between columns of CSV and TSV; left out: a comma, a tab. */
  readonly separator?: string | undefined;
  /** Of CSV and TSV; `null`: quotes are letters like any other. Left out: `"` for CSV, none for TSV. */
  readonly quote?: string | null | undefined;
}

/** @throws InputError (`table-format-unknown`; those of the readers) */
export function openTable(
  path: string,
  where: string,
  { format, separator, quote }: OpenOptions,
): Promise<Table> {
  const chosen = format === 'auto' ? formatOf(path) : format;
  switch (chosen) {
    case 'csv':
      return openDelimited(path, where, {
        separator: separator ?? ',',
        quote: quote === undefined ? '"' : quote,
      });
    case 'tsv':
      return openDelimited(path, where, { separator: separator ?? '\t', quote: quote ?? null });
    case 'jsonl':
      return openJsonLines(path, where);
    case 'parquet':
      return openParquet(path, where);
    case undefined:
      return tableError(
        'table-format-unknown',
        where,
        `its name ends in none of ${TABLE_ENDINGS}`,
        `Say what it is: --set dataset.format=csv, or one of ${FORMATS.slice(1).join(', ')}`,
      );
  }
}
