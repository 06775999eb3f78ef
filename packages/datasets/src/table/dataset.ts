/** A table of anybody's: texts with labels where a column of labels is named, a running text otherwise. */
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type {
  Dataset,
  DatasetContext,
  LabelledText,
  LabelledTexts,
  Split,
  SplitFiles,
  SplitName,
  SplitOrigin,
} from '@ligature/core';
import type { z } from 'zod';
import { cutEvenly } from '../rows/cut.js';
import { tableError } from '../rows/errors.js';
import { openTable } from '../rows/open.js';
import { textValue, type Table, type TableRow } from '../rows/table.js';
import { SPLIT_NAMES } from '../splits.js';
import { findTables } from './files.js';
import { labelKind, type LabelKind, type RawLabel } from './labels.js';
import { tableOptionsSchema, type TableOptions } from './options.js';

interface Place {
  readonly path: string;
  /** What messages call it. */
  readonly where: string;
  readonly options: TableOptions;
}

/** A row with the table that it is from, whose name messages say. */
interface Placed extends TableRow {
  readonly table: Table;
}

type Rows = Readonly<Record<SplitName, { readonly rows: readonly Placed[]; readonly origin: SplitOrigin }>>;

/**
 * Nothing is read before the first split is asked for.
 *
 * @param known which files of the folder are which split, where it is known by more than their names
 */
export function createTable(
  given: z.input<typeof tableOptionsSchema>,
  { source, folder }: Pick<DatasetContext, 'source' | 'folder'>,
  known?: SplitFiles,
): Dataset {
  const options = tableOptionsSchema.parse(given);
  const where = options.path ?? source;
  const place: Place = { path: resolve(folder, where), where, options };
  let chosen: Promise<SplitFiles | undefined> | undefined;
  /** Nothing for a file. */
  const files = (): Promise<SplitFiles | undefined> =>
    (chosen ??= known ? Promise.resolve(known) : choose(place));
  const about = { name: 'table', description: `Local table: ${where}`, files };
  if (options.label === undefined) {
    let texts: Promise<Record<SplitName, Split>> | undefined;
    return {
      ...about,
      split: async (name) => (await (texts ??= files().then((found) => readTexts(place, found))))[name],
    };
  }
  const { label } = options;
  let splits: Promise<Record<SplitName, LabelledTexts>> | undefined;
  return {
    ...about,
    labelledTexts: async (name) =>
      (await (splits ??= files().then((found) => readLabelled(place, found, label))))[name],
  };
}

async function choose({ path, where }: Place): Promise<SplitFiles | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (!found) {
    tableError(
      'dataset-missing',
      where,
      'it is not there',
      'Give a file or a folder with --set dataset.path=…',
    );
  }
  return found.isDirectory() ? findTables(path, where) : undefined;
}

/** @param names of columns; the values of a row stand in their order */
async function readRows(
  { path, where, options }: Place,
  files: SplitFiles | undefined,
  names: readonly string[],
): Promise<Rows> {
  const read = async (split: SplitName): Promise<Placed[]> => {
    const rows: Placed[] = [];
    for (const file of files?.[split] ?? []) {
      for (const row of await rowsOf(join(path, file), join(where, file), options, names)) rows.push(row);
    }
    return rows;
  };
  const train = files ? await read('train') : await rowsOf(path, where, options, names);
  const given = { validation: await read('validation'), test: await read('test') };
  const shares = {
    validation: given.validation.length > 0 ? 0 : options.validation,
    test: given.test.length > 0 ? 0 : options.test,
  };
  const cut = cutEvenly(train.length, shares);
  const some = given.validation.length + given.test.length > 0;
  const held = (split: 'validation' | 'test'): Rows[SplitName] =>
    given[split].length > 0
      ? { rows: given[split], origin: 'official' }
      : { rows: cut[split].map((row) => train[row] as Placed), origin: 'derived' };
  const rows = {
    train: {
      rows: cut.train.map((row) => train[row] as Placed),
      origin: some ? ('official' as const) : ('derived' as const),
    },
    ...{ validation: held('validation'), test: held('test') },
  };
  for (const split of SPLIT_NAMES) {
    if (rows[split].rows.length > 0) continue;
    const found = `${train.length} rows are too few to cut a ${split} split from them`;
    tableError('dataset-too-short', where, found, 'Use more rows, or hold out a smaller share');
  }
  return rows;
}

async function rowsOf(
  path: string,
  where: string,
  options: TableOptions,
  names: readonly string[],
): Promise<Placed[]> {
  const table = await openTable(path, where, options);
  return (await table.read(names)).map((row) => ({ ...row, table }));
}

/** Rows as one text. */
async function readTexts(place: Place, files: SplitFiles | undefined): Promise<Record<SplitName, Split>> {
  const { text } = place.options;
  const rows = await readRows(place, files, [text]);
  const joined = (split: SplitName): Split => {
    const texts = rows[split].rows.map(({ table, at, values: [value] }) => textValue(table, at, text, value));
    const paragraphs = texts.filter((one) => one.trim() !== '');
    if (paragraphs.length === 0) {
      tableError(
        'table-empty',
        place.where,
        `no row of the ${split} split has a text in it`,
        'Give texts with words in them',
      );
    }
    const { origin } = rows[split];
    const kind = place.options.rows;
    const isLines = kind === 'lines' || (kind === 'auto' && paragraphs.every((one) => one.endsWith('\n')));
    return { text: isLines ? joinLines(texts) : `${paragraphs.join('\n\n')}\n`, origin };
  };
  return { train: joined('train'), validation: joined('validation'), test: joined('test') };
}

/**
 * Lines with their ends as they were in one file. The Hub's WikiText has nothing in the rows of blank lines; in the files, whose
 * every line begins and ends with a space, those are a space.
 */
function joinLines(rows: readonly string[]): string {
  const spaced = rows.every((row) => row === '' || (row.startsWith(' ') && row.endsWith(' \n')));
  const blank = spaced ? ' \n' : '\n';
  return rows.map((row) => (row === '' ? blank : row.endsWith('\n') ? row : `${row}\n`)).join('');
}

async function readLabelled(
  place: Place,
  files: SplitFiles | undefined,
  label: string,
): Promise<Record<SplitName, LabelledTexts>> {
  const { text, text2 } = place.options;
  const texts = text2 === undefined ? [text] : [text, text2];
  const rows = await readRows(place, files, [label, ...texts]);
  const raw = ({ table, at, values }: Placed): RawLabel => ({ table, at, value: values[0] });
  const kind: LabelKind = labelKind(rows.train.rows.map(raw), label, place.options);
  const example = (row: Placed): LabelledText => {
    const found = texts.map((name, at) => textValue(row.table, row.at, name, row.values[at + 1]));
    return { texts: found as unknown as LabelledText['texts'], label: kind.of(raw(row)) };
  };
  const split = (name: SplitName): LabelledTexts => ({
    examples: rows[name].rows.map(example),
    origin: rows[name].origin,
    ...(kind.classes && { classes: kind.classes }),
  });
  return { train: split('train'), validation: split('validation'), test: split('test') };
}
