/** CSV and TSV, by csv-parse. */
import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { readTextFile } from '../sources/files.js';
import { tableError } from './errors.js';
import { columnPlaces, type Table, type TableRow } from './table.js';

export interface Delimited {
  readonly separator: string;
  /** `null`: quotes are letters like any other. */
  readonly quote: string | null;
  /** Names of the columns, where the first line does not say them. */
  readonly columns?: readonly string[];
}

interface Parsed {
  readonly record: string[];
  /** `lines`: the line in which the record ends, from 1. */
  readonly info: { readonly lines: number };
}

/** Of one record: what has no end was quoted wrongly, or is no table. */
const MOST_UNITS = 2 ** 24;

/**
 * @throws InputError (those of readTextFile; `table-empty`; `table-malformed` naming the line: a quote that is not closed, a
 *   row with more or fewer columns)
 */
export async function openDelimited(path: string, where: string, options: Delimited): Promise<Table> {
  const text = await readTextFile(path);
  const records = parsed(text, where, options);
  const [header, ...rest] = records;
  if (!header) return tableError('table-empty', where, 'it is empty', 'Give a table with rows');
  const columns = options.columns ?? header.record;
  const rows = options.columns ? records : rest;
  for (const { record, info } of rows) {
    if (record.length !== columns.length) {
      const found = `line ${info.lines} has ${record.length} columns where ${columns.length} belong`;
      tableError(
        'table-malformed',
        where,
        found,
        'Mend the line, or say how columns are separated and quoted',
      );
    }
  }
  const table = { where, columns, counts: 'line' as const };
  return {
    ...table,
    read(names) {
      const places = columnPlaces(table, names);
      const read = rows.map(({ record, info }): TableRow => ({
        at: info.lines,
        values: places.map((place) => record[place]),
      }));
      return Promise.resolve(read);
    },
  };
}

function parsed(text: string, where: string, { separator, quote }: Delimited): Parsed[] {
  try {
    return parse(text, {
      delimiter: separator,
      quote: quote ?? false,
      // Of a text without quotes an escape would be a letter, too.
      escape: quote,
      record_delimiter: '\n',
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: MOST_UNITS,
      info: true,
    }) as unknown as Parsed[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const found = error.message.replace(/\.$/u, '');
    return tableError(
      'table-malformed',
      where,
      found,
      'Mend it, or say how columns are separated and quoted',
      error,
    );
  }
}
