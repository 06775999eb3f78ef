/** A comparison in the terminal: all columns, in as many tables as the width asks for, tie maps, verdict, files. */
import type { Comparison } from '@ligature/studies';
import {
  comparisonCell,
  comparisonColumns,
  formatTieMap,
  sideBySideNote,
  statisticsRows,
} from '@ligature/report';
import type { Io } from '../io.js';
import { tieMapCells } from '../terminal/cells.js';
import { columnsOf, paintFor, width, wrap, type Paint } from '../terminal/paint.js';
import { foldedGrid } from '../terminal/tables.js';

export function comparisonText(comparison: Comparison, io: Io, files: readonly string[]): string {
  const columns = columnsOf(io.stdout);
  const paint = paintFor(io.stdout, io.env);
  const { rows, failed } = comparison;
  const shown = comparisonColumns(comparison.config);
  const table = [
    ['Controller', ...shown.map(({ heading }) => heading)],
    ...rows.map((row) => [row.controller, ...shown.map((column) => comparisonCell(row, column))]),
  ];
  const statistics = statisticsRows(comparison);
  const sections = [
    rows.length > 0 ? foldedGrid(table, columns, paint) : '',
    rows.length > 0 ? tieMaps(comparison, columns, paint) : '',
    statistics.length > 0 ? foldedGrid(statistics, columns, paint) : '',
    failed
      .map(
        ({ controller, seed, message }) => `${paint.red('failed')} ${controller}, seed ${seed}: ${message}`,
      )
      .join('\n'),
    wrap(sideBySideNote(comparison.config), Math.min(columns, 100)),
    wrap(comparison.verdict, Math.min(columns, 100)),
    ['Written:', ...files.map((file) => `  ${file}`)].join('\n'),
  ];
  return `\n${sections.filter(Boolean).join('\n\n')}\n`;
}

function tieMaps({ rows }: Comparison, columns: number, paint: Paint): string {
  const names = rows.flatMap(({ controller, seeds }) =>
    seeds.map((seed) => (seeds.length > 1 ? `${controller}, seed ${seed}` : controller)),
  );
  const indent = Math.max('Final tie map'.length, ...names.map(width)) + 2;
  const lines = rows
    .flatMap(({ tieMaps: maps }) => maps)
    .map((map, index) => {
      const room = columns - indent;
      const cells =
        paint.level > 0 ? tieMapCells(map, Math.min(room, 2 * map.length), paint) : formatTieMap(map);
      return `${(names[index] ?? '').padEnd(indent)}${cells}`;
    });
  return [paint.bold('Final tie map'), ...lines].join('\n');
}
