/** Tables for a terminal: no inner lines, as narrow as their content, split when they are wider than the room. */
import { visible } from '@ligature/core';
import Table from 'cli-table3';
import type { Paint } from './paint.js';
import { width, wrap } from './paint.js';

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
} as const;

/** First row is the heading, a line for each of its words; first column is text, the others are numbers. */
export function grid([heading = [], ...rows]: readonly (readonly string[])[], paint: Paint): string {
  const table = new Table({
    // A line per word: headings are longer than the numbers below them.
    head: heading.map((text) =>
      oneLine(text)
        .split(' ')
        .map((word) => paint.bold(word))
        .join('\n'),
    ),
    colAligns: heading.map((_, index) => (index === 0 ? 'left' : 'right')),
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
  });
  table.push(...rows.map((row) => row.map(oneLine)));
  return trimmed(table.toString());
}

/**
 * The same in as few tables as fit into `columns`, one below the other; each repeats the first column. A table
 * that cannot be narrower stays as wide as it is.
 */
export function foldedGrid(rows: readonly (readonly string[])[], columns: number, paint: Paint): string {
  const count = rows[0]?.length ?? 0;
  const widths = Array.from({ length: count }, (_, at) =>
    Math.max(
      ...rows.flatMap((row, line) => (line === 0 ? (row[at] ?? '').split(' ') : [row[at] ?? ''])).map(width),
    ),
  );
  const groups: number[][] = [];
  let room = -1;
  for (let at = 1; at < count; at += 1) {
    const needed = 2 + (widths[at] as number);
    if (needed > room || groups.length === 0) {
      groups.push([]);
      room = columns - (widths[0] as number);
    }
    groups.at(-1)?.push(at);
    room -= needed;
  }
  return groups
    .map((group) =>
      grid(
        rows
          // A floor has nothing to say of most columns.
          .filter((row, line) => line === 0 || group.some((at) => (row[at] ?? '') !== ''))
          .map((row) => [row[0] ?? '', ...group.map((at) => row[at] ?? '')]),
        paint,
      ),
    )
    .join('\n\n');
}

/** Names and values below each other; long values go on under themselves. */
export function pairs(
  facts: readonly { readonly name: string; readonly value: string }[],
  columns: number,
  paint: Paint,
): string {
  const indent = Math.max(0, ...facts.map(({ name }) => width(name))) + 2;
  return facts
    .map(({ name, value }) => {
      const wrapped =
        width(value) + indent > columns ? wrap(value, columns, ' '.repeat(indent)).trimStart() : value;
      return paint.dim(name.padEnd(indent)) + wrapped;
    })
    .join('\n');
}

/** Characters of a cell at most: the measuring of wider ones takes the square of their length. The files have it whole. */
const LONGEST = 400;

/** A line break in a cell would make another line of the table. */
function oneLine(cell: string): string {
  const line = cell.replaceAll(/\s*\n\s*/g, ' ');
  return line.length > LONGEST ? `${visible(line.slice(0, LONGEST))}…` : line;
}

const trimmed = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
