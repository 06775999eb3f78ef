/** JSON lines: one object a line, its keys the columns. */
import { parseJson } from '@ligature/core';
import { readTextFile } from '../sources/files.js';
import { reasonOf } from '../sources/errors.js';
import { tableError } from './errors.js';
import { columnPlaces, kindOf, type Table, type TableRow } from './table.js';

const MOST_COLUMNS = 1000;

interface Line {
  readonly at: number;
  readonly object: object;
}

/** @throws InputError (those of readTextFile; `table-empty`; `table-malformed` naming the line that is no JSON object) */
export async function openJsonLines(path: string, where: string): Promise<Table> {
  const text = await readTextFile(path);
  const lines = text
    .split('\n')
    .map((line, index) => ({ line, at: index + 1 }))
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, at }): Line => ({ at, object: objectOf(line, at, where) }));
  if (lines.length === 0) tableError('table-empty', where, 'it is empty', 'Give a table with rows');
  const columns = new Set<string>();
  for (const { object } of lines) {
    for (const key of Object.keys(object)) columns.add(key);
    if (columns.size > MOST_COLUMNS) {
      const found = `its lines have more than ${MOST_COLUMNS} different keys`;
      tableError('table-malformed', where, found, 'Give lines with the same keys');
    }
  }
  const table = { where, columns: [...columns], counts: 'line' as const };
  return {
    ...table,
    read(names) {
      columnPlaces(table, names);
      const read = lines.map(({ at, object }): TableRow => {
        // By own keys: the text may have "constructor" or "__proto__" among its keys.
        const values = names.map((name) =>
          Object.hasOwn(object, name) ? (object as Readonly<Record<string, unknown>>)[name] : undefined,
        );
        return { at, values };
      });
      return Promise.resolve(read);
    },
  };
}

function objectOf(line: string, at: number, where: string): object {
  let value: unknown;
  try {
    value = parseJson(line);
  } catch (error) {
    const found = `line ${at} is no JSON: ${reasonOf(error)}`;
    return tableError('table-malformed', where, found, 'Write one JSON object a line', error);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  const found = `line ${at} is ${kindOf(value)}, no JSON object`;
  return tableError('table-malformed', where, found, 'Write one JSON object a line');
}
