/** From the rows of a GLUE file to labelled texts. */
import type { LabelledText } from '@ligature/core';
import { openDelimited } from '../rows/delimited.js';
import { tableError } from '../rows/errors.js';
import { formatOf, openTable } from '../rows/open.js';
import { badValue, kindOf, textValue, type Table, type TableRow } from '../rows/table.js';
import { listed } from '../sources/split-files.js';
import { COLA_COLUMNS, GLUE, GLUE_TASKS, type Columns, type GlueSpec, type GlueTask } from './tasks.js';

/** Quotes in the files of the authors are letters like any other. */
export async function openGlueFile(path: string, where: string): Promise<Table> {
  const format = formatOf(path);
  if (format !== 'tsv' && format !== undefined) return openTable(path, where, { format });
  const layout = { separator: '\t', quote: null };
  return openDelimited(path, where, layout).then((table) =>
    isCola(table) ? openDelimited(path, where, { ...layout, columns: COLA_COLUMNS }) : table,
  );
}

/** The first line is an example: there is no header. */
const isCola = ({ columns }: Table): boolean =>
  columns.length === COLA_COLUMNS.length && (columns[1] === '0' || columns[1] === '1');

/** How the columns of a table are called, if it may be one of a task. */
export function columnsOf({ columns: there }: Pick<Table, 'columns'>, spec: GlueSpec): Columns | undefined {
  const fits = ({ texts, label }: Columns): boolean =>
    [...texts, label].every((name) => there.includes(name));
  // With the one that also has the numbers of the examples first.
  return (
    spec.columns.find((one) => fits(one) && one.id !== undefined && there.includes(one.id)) ??
    spec.columns.find(fits)
  );
}

/**
 * The one task that a table can be of, by its columns and its first label.
 *
 * @throws InputError (`glue-task-unclear` naming those that it may be)
 */
export async function inferTask(table: Table): Promise<GlueTask> {
  if (table.columns.join() === COLA_COLUMNS.join()) return 'cola';
  const fits: GlueTask[] = [];
  let words = false;
  for (const task of GLUE_TASKS) {
    const columns = columnsOf(table, GLUE[task]);
    if (!columns) continue;
    const [first] = await table.read([columns.label]);
    if (!first || labelOf(GLUE[task], first.values[0]) === undefined) continue;
    fits.push(task);
    words = /^\D/u.test(String(first.values[0]));
  }
  const [task] = fits.length > 1 ? ofAuthors(table, words) : fits;
  if (task !== undefined) return task;
  const found =
    fits.length > 0
      ? `it may be ${listed(fits, 9)}`
      : `its columns, ${listed(table.columns)}, or its labels are those of no task of GLUE`;
  return tableError(
    'glue-task-unclear',
    table.where,
    found,
    `Say which one it is: --set dataset.task=${fits[0] ?? 'rte'}`,
  );
}

/**
 * What the files of the authors tell apart: a sentence with a label beside it is SST-2, since CoLA has no header there; of two
 * sentences behind an `index`, the labels of RTE are words and those of WNLI numbers.
 */
function ofAuthors({ columns }: Table, words: boolean): GlueTask[] {
  if (columns.join() === 'sentence,label') return ['sst-2'];
  return columns.join() === 'index,sentence1,sentence2,label' ? [words ? 'rte' : 'wnli'] : [];
}

/** The name of a class, or a number from 0 to 5, of a name, a number or its digits; nothing where it is none. */
function labelOf({ classes }: GlueSpec, value: unknown): string | number | undefined {
  if (classes) {
    if (typeof value === 'string' && classes.includes(value)) return value;
    const id = typeof value === 'string' && /^\d$/u.test(value) ? Number(value) : value;
    return typeof id === 'number' ? classes[id] : undefined;
  }
  const score = typeof value === 'string' && /^\d+(\.\d+)?$/u.test(value) ? Number(value) : value;
  return typeof score === 'number' && score >= 0 && score <= 5 ? score : undefined;
}

/**
 * @throws InputError (`column-missing`; `value-invalid` for a text or a label that is none; `glue-duplicate` for the number of
 *   an example that was there before), naming the line
 */
export async function examplesOf(table: Table, task: GlueTask): Promise<LabelledText[]> {
  const spec = GLUE[task];
  const columns = columnsOf(table, spec);
  if (!columns) {
    const wanted = spec.columns.map(({ texts, label }) => [...texts, label].join(', ')).join('; or ');
    const found = `its columns are ${listed(table.columns, 20)}, where ${task} has ${wanted}`;
    return tableError('column-missing', table.where, found, 'Choose the task that the files are of');
  }
  const { texts, label, id } = columns;
  const ids = id !== undefined && table.columns.includes(id) ? [id] : [];
  const rows = await table.read([label, ...texts, ...ids]);
  if (ids.length > 0) assertDistinct(table, rows, texts.length + 1);
  return rows.map(({ at, values: [said, ...rest] }): LabelledText => {
    const found = labelOf(spec, said) ?? badValue(table, at, label, badLabel(spec, said));
    const [first, second] = texts.map((name, place) => textValue(table, at, name, rest[place])) as [
      string,
      string?,
    ];
    return { texts: second === undefined ? [first] : [first, second], label: found };
  });
}

function badLabel({ classes }: GlueSpec, value: unknown): string {
  const wanted = classes
    ? `labels are ${classes.join(', ')}, or 0 to ${classes.length - 1}`
    : 'labels are numbers from 0 to 5';
  const hidden = value === -1 || value === '-1' ? ', which hides the label' : '';
  return `${kindOf(value)}${hidden}; ${wanted}`;
}

function assertDistinct(table: Table, rows: readonly TableRow[], place: number): void {
  const seen = new Map<unknown, number>();
  for (const { at, values } of rows) {
    const id = values[place];
    const before = seen.get(id);
    if (before !== undefined) {
      const found = `${table.counts} ${at} has the number ${String(id).slice(0, 40)} of ${table.counts} ${before}`;
      tableError('glue-duplicate', table.where, found, 'Remove one of the two');
    }
    seen.set(id, at);
  }
}
