/** Labels of a table as classes or numbers. */
import { tableError } from '../rows/errors.js';
import { badValue, kindOf, type Table } from '../rows/table.js';
import type { TableOptions } from './options.js';

/** One label as it stands in a file, and where. */
export interface RawLabel {
  readonly table: Pick<Table, 'where' | 'counts'>;
  readonly at: number;
  readonly value: unknown;
}

export interface LabelKind {
  /** `undefined`: labels are numbers. */
  readonly classes: readonly string[] | undefined;
  /** @throws InputError (`value-invalid`) */
  of(raw: RawLabel): string | number;
}

/** More of them are no classes, but numbers or texts that were taken for labels. */
const MOST_CLASSES = 1000;

/** @throws InputError (`value-invalid`; `table-labels-unclear` for more classes than anybody means) */
export function labelKind(
  training: readonly RawLabel[],
  column: string,
  options: Pick<TableOptions, 'labels' | 'classes'>,
): LabelKind {
  const number = (raw: RawLabel): number =>
    numberOf(raw.value) ?? badValue(raw.table, raw.at, column, `${kindOf(raw.value)}, no number`);
  const name = (raw: RawLabel): string =>
    nameOf(raw.value) ?? badValue(raw.table, raw.at, column, `${kindOf(raw.value)}, no name of a class`);
  if (options.classes) return { classes: options.classes, of: name };
  if (options.labels === 'numbers' || (options.labels === 'auto' && areNumbers(training))) {
    return { classes: undefined, of: number };
  }
  const names = new Set<string>();
  for (const raw of training) {
    names.add(name(raw));
    if (names.size > MOST_CLASSES) {
      const found = `"${column}" has more than ${MOST_CLASSES} different labels`;
      tableError(
        'table-labels-unclear',
        raw.table.where,
        found,
        'Say `--set dataset.labels=numbers`, or name the classes with `dataset.classes`',
      );
    }
  }
  return { classes: [...names].sort(inOrder), of: name };
}

/** All of them numbers, and one with a fraction. */
function areNumbers(training: readonly RawLabel[]): boolean {
  let fraction = false;
  for (const { value } of training) {
    const number = numberOf(value);
    if (number === undefined) return false;
    fraction ||= !Number.isInteger(number);
  }
  return fraction;
}

const NUMBER = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?\s*$/iu;

function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && NUMBER.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

const LONGEST_NAME = 1000;

function nameOf(value: unknown): string | undefined {
  const named = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
  return typeof named === 'string' && named !== '' && named.length <= LONGEST_NAME ? named : undefined;
}

/** Numbers by their size, names by their code units: the same order on every machine. */
function inOrder(one: string, other: string): number {
  const [a, b] = [numberOf(one), numberOf(other)];
  if (a !== undefined && b !== undefined && a !== b) return a - b;
  return one < other ? -1 : Number(one > other);
}
