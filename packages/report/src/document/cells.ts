/** Cells of a document's table as texts for people, and raw for programs. */
import type { DocumentCell, DocumentColumn, DocumentTable } from '@ligature/core';
import { csvLines } from '@ligature/recorders';
import { formatQuantity, formatTieMap, quantities, type Quantity } from '../format.js';

const MISSING = '–';

/** `%` of MetricSpec is a share, and has no-break space and sign of its own. */
const UNITS: Readonly<Record<string, Quantity>> = {
  count: () => ({ divisor: 1, digits: 0, unit: '' }),
  layers: quantities.layers,
  nats: quantities.nats,
  'bits/byte': quantities.bitsPerByte,
  share: quantities.share,
  '%': quantities.share,
  parameters: quantities.parameters,
  operations: quantities.parameters,
  bytes: quantities.bytes,
  rate: quantities.rate,
  effect: quantities.effect,
  seconds: quantities.seconds,
};

/** Three digits where it is small; large ones are printed whole. */
const bare: Quantity = (mean) => {
  const size = Math.abs(mean);
  return { divisor: 1, digits: size < 10 ? 3 : size < 1000 ? 1 : 0, unit: '' };
};

/** @param digits after the point, in place of the unit's own */
export function quantityOf(unit: string, digits?: number): Quantity {
  const quantity = Object.hasOwn(UNITS, unit) ? (UNITS[unit] as Quantity) : bare;
  return digits === undefined ? quantity : (mean) => ({ ...quantity(mean), digits });
}

const isMap = (cell: DocumentCell): cell is readonly number[] => Array.isArray(cell);

/** The text of one cell, for people. */
export function cellText(cell: DocumentCell, { unit, digits }: DocumentColumn): string {
  if (cell === null) return MISSING;
  if (typeof cell === 'string') return cell;
  if (isMap(cell)) return formatTieMap(cell);
  const quantity = quantityOf(unit, digits);
  if (typeof cell === 'number') {
    if (unit === 'probability' && Number.isFinite(cell)) return cell < 0.001 ? '< 0.001' : cell.toFixed(3);
    return formatQuantity(cell, quantity);
  }
  if ('mean' in cell) return withSpread(cell, quantity);
  const { low, high } = cell;
  const ends = low === null || high === null ? undefined : [low, high];
  if (!('difference' in cell)) {
    return ends ? ends.map((end) => formatQuantity(end, quantity)).join(' to ') : MISSING;
  }
  const { difference } = cell;
  if (!Number.isFinite(difference)) return MISSING;
  const signed = (value: number): string => `${value > 0 ? '+' : ''}${formatQuantity(value, quantity)}`;
  return ends ? `${signed(difference)} [${ends.map(signed).join(', ')}]` : signed(difference);
}

function withSpread(
  { mean, plus }: { readonly mean: number; readonly plus: number | null },
  quantity: Quantity,
): string {
  if (plus === null || !Number.isFinite(mean)) return formatQuantity(mean, quantity);
  const { divisor, digits, unit } = quantity(mean);
  return `${(mean / divisor).toFixed(digits)} ± ${(plus / divisor).toFixed(digits)}${unit}`;
}

/** What a cell is sorted by; `undefined`: its text. */
export function cellNumber(cell: DocumentCell): number | undefined {
  if (typeof cell === 'number') return cell;
  if (cell === null) return Number.NaN;
  if (typeof cell === 'string' || isMap(cell)) return undefined;
  if ('mean' in cell) return cell.mean;
  return 'difference' in cell ? cell.difference : (cell.low ?? Number.NaN);
}

/** The columns for people, with their places. */
export function shownColumns({ columns }: DocumentTable): { column: DocumentColumn; at: number }[] {
  return columns.flatMap((column, at) => (column.heading === undefined ? [] : [{ column, at }]));
}

/** Heading and lines for people, those below the rows last. @param most rows; left out: all */
export function tableRows(table: DocumentTable, most = Infinity): string[][] {
  const columns = shownColumns(table);
  return [
    columns.map(({ column }) => column.heading as string),
    ...[...table.rows.slice(0, most), ...(table.footer ?? [])].map((row) =>
      columns.map(({ column, at }) => cellText(row[at] ?? null, column)),
    ),
  ];
}

/** One line per row, raw numbers; missing and infinite ones are empty. */
export function tableCsv({ columns, rows }: DocumentTable): string {
  const kept = columns.flatMap(({ key }, at) => (key === undefined ? [] : [{ key, at }]));
  return csvLines([
    kept.map(({ key }) => key),
    ...rows.map((row) => kept.map(({ at }) => rawCell(row[at] ?? null))),
  ]);
}

function rawCell(cell: DocumentCell): string | number {
  if (cell === null) return '';
  if (typeof cell === 'string') return cell;
  if (isMap(cell)) return formatTieMap(cell);
  const value = cellNumber(cell) as number;
  return Number.isFinite(value) ? value : '';
}
