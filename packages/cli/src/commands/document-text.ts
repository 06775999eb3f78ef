/** A study in the terminal: its tables as narrow as the room, tie maps in colour, what they show, where the rest is. */
import {
  visibleIn,
  visibleLine,
  type DocumentBlock,
  type DocumentTable,
  type StudyDocument,
} from '@ligature/core';
import { formatTieMap, isIn, tableRows } from '@ligature/report';
import type { Io } from '../io.js';
import { tieMapCells } from '../terminal/cells.js';
import { columnsOf, paintFor, width, wrap, type Paint } from '../terminal/paint.js';
import { foldedGrid } from '../terminal/tables.js';

export function documentText(given: StudyDocument, io: Io, files: readonly string[]): string {
  const document = visibleIn(given);
  const columns = columnsOf(io.stdout);
  const paint = paintFor(io.stdout, io.env);
  const prose = Math.min(columns, 100);
  const { title, lead, body, failed, verdict } = document;
  const sections = [
    `${paint.bold(wrap(title, columns))}\n${wrap(plain(lead), prose)}`,
    ...body
      .filter((block) => isIn(block, 'terminal'))
      .map((block) => blockText(block, document, columns, paint)),
    failed
      .map(({ controller, seed, message }) =>
        wrap(`${paint.red('failed')} ${controller}, seed ${seed}: ${message}`, columns),
      )
      .join('\n'),
    wrap(verdict, prose),
    ['Written:', ...files.map((file) => `  ${file}`)].join('\n'),
  ];
  return `\n${sections.filter(Boolean).join('\n\n')}\n`;
}

/** Text that is Markdown, without its marks. */
const plain = (text: string): string => text.replaceAll(/[*`]/g, '');

function blockText(block: DocumentBlock, { name }: StudyDocument, columns: number, paint: Paint): string {
  switch (block.kind) {
    case 'table':
      return tableText(block, name, columns, paint);
    case 'tie-maps':
      return mapsText(block, columns, paint);
    case 'text':
      return wrap(plain(block.text), Math.min(columns, 100));
    case 'list':
      return block.items.map((item) => wrap(`- ${plain(item)}`, columns)).join('\n');
    // Tables have captions of their own, and the verdict comes last, where it is seen.
    default:
      return '';
  }
}

function tableText(table: DocumentTable, name: string, columns: number, paint: Paint): string {
  const { rows, caption, lines = Infinity } = table;
  if (rows.length === 0) return '';
  const more = rows.length - lines;
  return [
    `${paint.bold(wrap(caption, columns))}\n${foldedGrid(tableRows(table, lines), columns, paint)}`,
    ...(more > 0 ? [`and ${more} more in ${name}.md`] : []),
  ].join('\n\n');
}

function mapsText(
  { title, maps: given }: Extract<DocumentBlock, { kind: 'tie-maps' }>,
  columns: number,
  paint: Paint,
): string {
  const maps = given.map(({ label, map }) => ({ label: visibleLine(label), map }));
  const indent = Math.max(title.length, ...maps.map(({ label }) => width(label))) + 2;
  const lines = maps.map(({ label, map }) => {
    const room = columns - indent;
    const cells =
      paint.level > 0 ? tieMapCells(map, Math.min(room, 2 * map.length), paint) : formatTieMap(map);
    return `${label.padEnd(indent)}${cells}`;
  });
  return [paint.bold(title), ...lines].join('\n');
}
