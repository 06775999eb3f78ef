/**
 * A look at the pages of a column before they are read. Sizes and counts of a Parquet file stand in headers that anybody
 * may have written, and hyparquet allocates by them: here they have to agree with the file and with each other.
 */
import type { ColumnMetaData } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { decompressPage } from 'hyparquet/src/datapage.js';
import { pageCompressors } from './decompress.js';
import { checkRuns } from './runs.js';

/** What is wrong with a file, in words. */
export class PagesError extends Error {}

/** It is as it should be, and written in a way that this reader does not know. */
export class UnknownEncodingError extends PagesError {}

const MOST_PAGE_BYTES = 2 ** 28;
/** A row of a dictionary costs four bits and a pointer: a small file may say millions of rows. */
export const MOST_ROWS = 4_000_000;

const DICTIONARY = ['PLAIN_DICTIONARY', 'RLE_DICTIONARY'];

export interface FlatColumn {
  readonly meta: ColumnMetaData;
  /** Whether a value may be missing: pages then begin with a level for each row. */
  readonly optional: boolean;
  /** Rows of its row group. */
  readonly rows: number;
}

type Header = ReturnType<typeof parquetHeader>;

/**
 * @returns bytes of its pages, unpacked
 * @throws PagesError, RunsError, or what hyparquet throws
 */
export function checkPages(file: Uint8Array, { meta, optional, rows }: FlatColumn): number {
  const start = Number(meta.dictionary_page_offset || meta.data_page_offset);
  const end = start + Number(meta.total_compressed_size);
  if (!(start >= 4 && end > start && end <= file.length)) {
    throw new PagesError(`a column lies at bytes ${start} to ${end} of ${file.length}`);
  }
  const chunk = file.subarray(start, end);
  const reader = { view: new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength), offset: 0 };
  let [seen, unpacked] = [0, 0];
  while (seen < rows) {
    if (reader.offset >= chunk.length - 1) throw new PagesError(`a column has ${seen} of ${rows} rows`);
    const header = parquetHeader(reader);
    const size = header.compressed_page_size;
    if (!(size >= 0 && reader.offset + size <= chunk.length)) {
      throw new PagesError(`a page of ${size} bytes in ${chunk.length - reader.offset}`);
    }
    if (!(header.uncompressed_page_size >= 0 && header.uncompressed_page_size <= MOST_PAGE_BYTES)) {
      throw new PagesError(`a page of ${header.uncompressed_page_size} bytes, unpacked`);
    }
    const bytes = chunk.subarray(reader.offset, reader.offset + size);
    reader.offset += size;
    unpacked += header.uncompressed_page_size;
    if (header.type === 'DICTIONARY_PAGE') checkDictionary(header);
    else seen += checkDataPage(bytes, header, { meta, optional, rows: rows - seen });
  }
  return unpacked;
}

function checkDictionary({ dictionary_page_header: dictionary, uncompressed_page_size: size }: Header): void {
  const values = dictionary?.num_values ?? -1;
  // Even flags take a bit each.
  if (!(values >= 0 && values <= 8 * size))
    throw new PagesError(`a dictionary of ${values} values in ${size} bytes`);
}

/** @returns rows of the page */
function checkDataPage(bytes: Uint8Array, header: Header, { meta, optional, rows }: FlatColumn): number {
  const [first, second] = [header.data_page_header, header.data_page_header_v2];
  const { num_values: values, encoding } = first ?? second ?? { num_values: -1, encoding: 'none' };
  if (!(values >= 0 && values <= rows))
    throw new PagesError(`a page of ${values} rows where ${rows} are left`);
  if (values === 0) return 0;
  if (second && second.num_rows !== values)
    throw new PagesError(`a page of ${second.num_rows} rows and ${values} values`);
  const level = Number(optional);
  const { page, at, present } = first
    ? levelsOfFirst(unpack(bytes, header.uncompressed_page_size, meta), level, values)
    : levelsOfSecond(bytes, header, meta, level);
  if (DICTIONARY.includes(encoding ?? '')) {
    const width = page[at];
    if (width === undefined) {
      if (present > 0) throw new PagesError('a page that ends too early');
    } else if (width > 0 || second) checkRuns(page, at + 1, width, present);
  } else if (encoding === 'RLE' && meta.type === 'BOOLEAN') {
    checkRuns(page, at + 4, 1, present);
  } else if (encoding !== 'PLAIN') {
    throw new UnknownEncodingError(`values are written as ${encoding}`);
  }
  return values;
}

interface Levels {
  readonly page: Uint8Array;
  /** Where values begin. */
  readonly at: number;
  /** Values that are not missing. */
  readonly present: number;
}

const unpack = (bytes: Uint8Array, size: number, { codec }: ColumnMetaData): Uint8Array =>
  decompressPage(bytes, size, codec, pageCompressors);

/** Levels stand in front of the values, packed with them; four bytes say how long they are. */
function levelsOfFirst(page: Uint8Array, level: number, values: number): Levels {
  if (level === 0) return { page, at: 0, present: values };
  if (page.length < 4) throw new PagesError('a page that ends too early');
  const length = new DataView(page.buffer, page.byteOffset).getUint32(0, true);
  return { page, at: 4 + length, present: checkRuns(page, 4, 1, values) };
}

/** Levels stand in front of the packed values, and the header says how long they are and how many values are missing. */
function levelsOfSecond(bytes: Uint8Array, header: Header, meta: ColumnMetaData, level: number): Levels {
  const page = header.data_page_header_v2;
  if (!page) throw new PagesError(`a page of the kind ${header.type}`);
  const { definition_levels_byte_length: length, repetition_levels_byte_length: repeated } = page;
  if (repeated !== 0 || !(length >= 0 && length <= bytes.length)) {
    throw new PagesError(`levels of ${repeated} and ${length} bytes in a page of ${bytes.length}`);
  }
  const present = level === 0 ? page.num_values : checkRuns(bytes.subarray(0, length), 0, 1, page.num_values);
  if (present !== page.num_values - page.num_nulls)
    throw new PagesError('a page whose missing values are miscounted');
  const rest = bytes.subarray(length);
  const size = header.uncompressed_page_size - length;
  const values = page.is_compressed !== false && size > 0 ? unpack(rest, size, meta) : rest;
  return { page: values, at: 0, present };
}
