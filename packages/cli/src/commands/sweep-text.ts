/** A sweep in the terminal: the best configurations, what they show, where the rest is. */
import type { Sweep } from '@ligature/studies';
import { sweepRows } from '@ligature/report';
import type { Io } from '../io.js';
import { columnsOf, paintFor, wrap } from '../terminal/paint.js';
import { foldedGrid } from '../terminal/tables.js';

/** More lines than these are for the files. */
const MOST_LINES = 30;

export function sweepText(sweep: Sweep, io: Io, files: readonly string[]): string {
  const columns = columnsOf(io.stdout);
  const paint = paintFor(io.stdout, io.env);
  const { rows, failed } = sweep;
  const table = sweepRows(sweep);
  const more = rows.length - MOST_LINES;
  const sections = [
    rows.length > 0 ? foldedGrid(table.slice(0, MOST_LINES + 1), columns, paint) : '',
    more > 0 ? `and ${more} more in sweep.md` : '',
    failed
      .map(
        ({ id, label, seed, message }) => `${paint.red('failed')} #${id} ${label}, seed ${seed}: ${message}`,
      )
      .join('\n'),
    wrap(sweep.note, Math.min(columns, 100)),
    ['Written:', ...files.map((file) => `  ${file}`)].join('\n'),
  ];
  return `\n${sections.filter(Boolean).join('\n\n')}\n`;
}
