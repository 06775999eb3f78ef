/** A retraining in the terminal: what was trained and where it ended, the differences, what they show, files. */
import type { Retraining } from '@ligature/studies';
import { retrainingDifferenceRows, retrainingRows } from '@ligature/report';
import type { Io } from '../io.js';
import { columnsOf, paintFor, wrap } from '../terminal/paint.js';
import { foldedGrid } from '../terminal/tables.js';

export function retrainText(retraining: Retraining, io: Io, files: readonly string[]): string {
  const columns = columnsOf(io.stdout);
  const paint = paintFor(io.stdout, io.env);
  const differences = retrainingDifferenceRows(retraining);
  const sections = [
    foldedGrid(retrainingRows(retraining), columns, paint),
    differences.length > 0 ? foldedGrid(differences, columns, paint) : '',
    retraining.failed
      .map(
        ({ controller, seed, message }) => `${paint.red('failed')} ${controller}, seed ${seed}: ${message}`,
      )
      .join('\n'),
    wrap(retraining.verdict, Math.min(columns, 100)),
    ['Written:', ...files.map((file) => `  ${file}`)].join('\n'),
  ];
  return `\n${sections.filter(Boolean).join('\n\n')}\n`;
}
