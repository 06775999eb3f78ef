/** Parquet, by hyparquet. Only columns of plain values are read, and only those that are asked for. */
import type { AsyncBuffer, FileMetaData, SchemaElement } from 'hyparquet';
import { parquetMetadata, parquetRead, parquetSchema } from 'hyparquet';
import { readPlainFile } from '@ligature/core/node';
import { reasonOf } from '../sources/errors.js';
import { pageCompressors } from './decompress.js';
import { tableError } from './errors.js';
import { checkPages, MOST_ROWS, PagesError, UnknownEncodingError } from './parquet-pages.js';
import { columnPlaces, type Table, type TableRow } from './table.js';

const MOST_BYTES = 256 * 2 ** 20;

/** @throws InputError (`dataset-missing`; `parquet-damaged`, `parquet-encoding`; `table-too-large`; `table-empty`; `column-nested`) */
export async function openParquet(path: string, where: string): Promise<Table> {
  const bytes = await readPlainFile(path, { most: MOST_BYTES }).catch((error: unknown) =>
    tableError(
      'dataset-missing',
      where,
      `it cannot be read: ${reasonOf(error)}`,
      'Give the path of a Parquet file',
      error,
    ),
  );
  const metadata = guarded(where, () => metadataOf(bytes));
  const rows = metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
  if (rows > MOST_ROWS) {
    tableError(
      'table-too-large',
      where,
      `it says it has ${rows} rows, more than ${MOST_ROWS}`,
      'Use a part of it',
    );
  }
  if (rows === 0) tableError('table-empty', where, 'it has no rows', 'Give a table with rows');
  const elements = guarded(where, () => parquetSchema(metadata).children);
  const table = { where, columns: elements.map(({ element }) => element.name), counts: 'row' as const };
  return {
    ...table,
    async read(names) {
      const columns = columnPlaces(table, names).map((place) => elements[place]!);
      for (const { element, children } of columns) assertFlat(where, element, children.length);
      guarded(where, () =>
        checkColumns(
          bytes,
          metadata,
          columns.map(({ element }) => element),
        ),
      );
      return readColumns(bytes, metadata, names).catch((error: unknown) => damaged(where, error));
    },
  };
}

/** @throws what hyparquet throws, or PagesError */
function metadataOf(bytes: Buffer): FileMetaData {
  if (bytes.length < 12 || bytes.toString('latin1', 0, 4) !== 'PAR1')
    throw new PagesError('it does not begin as one');
  const metadata = parquetMetadata(bytes);
  const counts = metadata.row_groups.map(({ num_rows: rows }) => Number(rows));
  if (counts.some((count) => !Number.isSafeInteger(count) || count < 0))
    throw new PagesError('a group of no number of rows');
  return metadata;
}

function assertFlat(
  where: string,
  { name, repetition_type: repeats }: SchemaElement,
  children: number,
): void {
  if (children === 0 && repeats !== 'REPEATED') return;
  const found = `the column "${name}" holds lists or objects`;
  tableError('column-nested', where, found, 'Name a column of texts, numbers or flags');
}

/** @throws PagesError, RunsError */
function checkColumns(
  bytes: Uint8Array,
  { row_groups: groups }: FileMetaData,
  elements: readonly SchemaElement[],
): void {
  let unpacked = 0;
  for (const { num_rows: rows, columns } of groups) {
    for (const { name, repetition_type: repeats } of elements) {
      const meta = columns.find(({ meta_data: one }) => one?.path_in_schema[0] === name)?.meta_data;
      if (!meta) throw new PagesError(`the column "${name}" is missing from a row group`);
      unpacked += checkPages(bytes, { meta, optional: repeats === 'OPTIONAL', rows: Number(rows) });
      if (unpacked > 2 * MOST_BYTES) throw new PagesError(`more than ${2 * MOST_BYTES} bytes, unpacked`);
    }
  }
}

async function readColumns(
  bytes: Uint8Array,
  metadata: FileMetaData,
  names: readonly string[],
): Promise<TableRow[]> {
  const file: AsyncBuffer = {
    byteLength: bytes.length,
    // A copy, as an ArrayBuffer of its own.
    slice: (start, end = bytes.length) => new Uint8Array(bytes.subarray(start, end)).buffer,
  };
  const found: TableRow[] = [];
  await parquetRead({
    ...{ file, metadata, columns: [...new Set(names)], compressors: pageCompressors },
    parsers: {
      stringFromBytes: (text: Uint8Array) => new TextDecoder('utf-8', { fatal: true }).decode(text),
    },
    rowFormat: 'object',
    onComplete: (rows) => {
      rows.forEach((row, index) =>
        found.push({ at: index + 1, values: names.map((name) => plain(row[name])) }),
      );
    },
  });
  return found;
}

/** 64-bit integers as numbers, where those hold them exactly. */
const plain = (value: unknown): unknown =>
  typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value;

function guarded<T>(where: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    return damaged(where, error);
  }
}

function damaged(where: string, error: unknown): never {
  if (error instanceof UnknownEncodingError) {
    const todo = 'Write it again with plain or dictionary encoding, as pyarrow does by default';
    return tableError('parquet-encoding', where, error.message, todo, error);
  }
  if (error instanceof TypeError && 'code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
    return tableError(
      'dataset-not-utf8',
      where,
      'a column that was named is not UTF-8 text',
      'Name a column of texts',
    );
  }
  const found = `it is no whole Parquet file: ${reasonOf(error)}`;
  return tableError('parquet-damaged', where, found, 'Get the file again', error);
}
