/** A landscape in the terminal: the best maps, the worst, what separates them, regret, files. */
import type { Landscape } from '@ligature/studies';
import { agreementRows, blockRows, landscapeRows, regretRows } from '@ligature/report';
import type { Io } from '../io.js';
import { columnsOf, paintFor, wrap } from '../terminal/paint.js';
import { foldedGrid } from '../terminal/tables.js';

/** More lines than these are for the files. */
const MOST_LINES = 20;

export function landscapeText(landscape: Landscape, io: Io, files: readonly string[]): string {
  const columns = columnsOf(io.stdout);
  const paint = paintFor(io.stdout, io.env);
  const { maps, stability, controllers, failed } = landscape;
  const more = maps.length - MOST_LINES;
  const grid = (rows: readonly (readonly string[])[]): string => foldedGrid(rows, columns, paint);
  const sections = [
    maps.length > 0 ? grid(landscapeRows(landscape, MOST_LINES)) : '',
    more > 0 ? `and ${more} more in landscape.md` : '',
    maps.length > 0 ? grid(blockRows(landscape)) : '',
    stability.pairs.length > 0 ? grid(agreementRows(landscape)) : '',
    controllers.length > 0 ? grid(regretRows(landscape)) : '',
    failed
      .map(
        ({ controller, seed, message }) => `${paint.red('failed')} ${controller}, seed ${seed}: ${message}`,
      )
      .join('\n'),
    wrap(landscape.verdict, Math.min(columns, 100)),
    ['Written:', ...files.map((file) => `  ${file}`)].join('\n'),
  ];
  return `\n${sections.filter(Boolean).join('\n\n')}\n`;
}
