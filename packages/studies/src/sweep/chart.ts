/**
 * The picture of a sweep. Two fields: a heat map where both take few values that were listed or counted, else
 * dots in the colour of the objective; the mean over all other fields. One field: the objective over its values, with intervals.
 */
import type { VegaDrawing } from '@ligature/core';
import { drawing, extent, FAINT, INK } from '../presentation/vega.js';
import type { Sweep, SweepField, SweepRow } from './types.js';

type Part = Readonly<Record<string, unknown>>;

/** More cells than that in a row have no room for their numbers. */
const MOST_CELLS = 16;

/** @param axes paths of one or two varied fields */
export function sweepDrawing(sweep: Sweep, axes: readonly string[] = sweep.axes): VegaDrawing {
  const measured = sweep.rows.filter(({ objective }) => Number.isFinite(objective.mean));
  const [x, y] = axes.map((path) => axisOf(sweep.fields, path, measured));
  if (x === undefined) throw new RangeError('a picture of a sweep needs at least one of its fields');
  if (y === undefined) return lineDrawing(sweep, x, measured);
  return cellsDrawing(sweep, x, y, measured);
}

interface Axis {
  readonly field: SweepField;
  /** The value of this field, a number or a text. */
  readonly of: (row: SweepRow) => number | string;
  /** Distinct values, in order. */
  readonly domain: readonly (number | string)[];
  readonly numeric: boolean;
  readonly log: boolean;
  /** Its values are listed or counted: other samples would fall on the same ones. */
  readonly countable: boolean;
}

function axisOf(fields: readonly SweepField[], path: string, rows: readonly SweepRow[]): Axis {
  const index = fields.findIndex((field) => field.path === path);
  const field = fields[index];
  if (field === undefined) throw new RangeError(`"${path}" is no field of this sweep`);
  const { dimension } = field;
  const numeric = rows.every(({ values }) => typeof values[index] === 'number');
  const of = ({ values, texts }: SweepRow): number | string =>
    numeric ? (values[index] as number) : (texts[index] ?? '');
  const listed = dimension.kind === 'list' ? dimension.values.map((value) => JSON.stringify(value)) : [];
  const place = ({ values }: SweepRow): number =>
    numeric ? (values[index] as number) : listed.indexOf(JSON.stringify(values[index]));
  const domain = [...new Set([...rows].sort((a, b) => place(a) - place(b)).map(of))];
  const [low, high] = [Number(domain[0]), Number(domain.at(-1))];
  const log =
    numeric && low > 0 && (dimension.kind === 'range' ? dimension.scale === 'log' : high / low >= 100);
  const countable = dimension.kind === 'list' || dimension.step !== null || dimension.integer;
  return { field, of, domain, numeric, log, countable };
}

/** No ticks between whole numbers. */
const whole = ({ numeric, domain }: Axis): { tickMinStep?: number } =>
  numeric && domain.every(Number.isInteger) ? { tickMinStep: 1 } : {};

/** Places to the right or upwards: bands, points, or numbers. */
function scaleOf(
  name: string,
  { domain, numeric, log }: Axis,
  range: 'width' | 'height',
  banded: boolean,
): Part {
  const values = [...domain];
  // Vega puts the first band at the top; the smallest number belongs at the bottom.
  const reverse = range === 'height' && numeric;
  if (banded)
    return { name, type: 'band', domain: values, range, padding: 0.04, ...(reverse && { reverse }) };
  if (!numeric) return { name, type: 'point', domain: values, range, padding: 0.5 };
  const ends = [Number(values[0]), Number(values.at(-1))];
  return log
    ? { name, type: 'log', domain: ends, range, padding: 16 }
    : { name, type: 'linear', domain: ends, range, zero: false, nice: false, padding: 16 };
}

function cellsDrawing(sweep: Sweep, x: Axis, y: Axis, rows: readonly SweepRow[]): VegaDrawing {
  const banded = [x, y].every(({ domain, countable }) => countable && domain.length <= MOST_CELLS);
  const { metric, goal } = sweep.objective;
  const cells = meansOf(rows, (row) => ({ x: x.of(row), y: y.of(row) }));
  const best = rows.find(({ id }) => id === sweep.choice?.id);
  const values = cells.map((cell) => ({
    ...cell,
    best: best !== undefined && cell.x === x.of(best) && cell.y === y.of(best),
  }));
  const title = `Mean ${metric} by ${x.field.name} and ${y.field.name}`;
  return drawing(`${title}. Brighter is better; the best configuration lies in the outlined place.`, {
    width: banded ? Math.max(240, 64 * x.domain.length) : 480,
    height: banded ? Math.max(120, 36 * y.domain.length) : 360,
    data: [
      { name: 'cells', values },
      { name: 'best', source: 'cells', transform: [{ type: 'filter', expr: 'datum.best' }] },
    ],
    scales: [
      scaleOf('x', x, 'width', banded),
      scaleOf('y', y, 'height', banded),
      {
        name: 'objective',
        type: 'linear',
        domain: extent(values.map(({ value }) => value)),
        range: { scheme: 'viridis' },
        ...(goal === 'minimize' && { reverse: true }),
      },
    ],
    axes: [
      { scale: 'x', orient: 'bottom', title: x.field.name, grid: !banded, labelOverlap: true, ...whole(x) },
      { scale: 'y', orient: 'left', title: y.field.name, grid: !banded, labelOverlap: true, ...whole(y) },
    ],
    legends: [{ fill: 'objective', type: 'gradient', title: metric, gradientLength: 120 }],
    marks: banded ? bandMarks() : dotMarks(),
  });
}

function bandMarks(): Part[] {
  const place = {
    x: { scale: 'x', field: 'x' },
    width: { scale: 'x', band: 1 },
    y: { scale: 'y', field: 'y' },
    height: { scale: 'y', band: 1 },
  };
  return [
    {
      type: 'rect',
      name: 'places',
      from: { data: 'cells' },
      encode: { enter: { ...place, fill: { scale: 'objective', field: 'value' } } },
    },
    {
      type: 'rect',
      name: 'chosen',
      from: { data: 'best' },
      encode: { enter: { ...place, stroke: { value: INK }, strokeWidth: { value: 2.5 } } },
    },
    {
      type: 'text',
      name: 'numbers',
      from: { data: 'cells' },
      encode: {
        enter: {
          x: { scale: 'x', field: 'x', band: 0.5 },
          y: { scale: 'y', field: 'y', band: 0.5 },
          align: { value: 'center' },
          baseline: { value: 'middle' },
          fontSize: { value: 11 },
          fill: { signal: "luminance(scale('objective', datum.value)) > 0.179 ? '#000000' : '#ffffff'" },
          text: { field: 'text' },
        },
      },
    },
  ];
}

function dotMarks(): Part[] {
  const place = { x: { scale: 'x', field: 'x' }, y: { scale: 'y', field: 'y' } };
  return [
    {
      type: 'symbol',
      name: 'places',
      from: { data: 'cells' },
      encode: {
        enter: {
          ...place,
          size: { value: 140 },
          fill: { scale: 'objective', field: 'value' },
          stroke: { value: FAINT },
        },
      },
    },
    {
      type: 'symbol',
      name: 'chosen',
      from: { data: 'best' },
      encode: {
        enter: { ...place, size: { value: 220 }, stroke: { value: INK }, strokeWidth: { value: 2.5 } },
      },
    },
  ];
}

function lineDrawing(sweep: Sweep, x: Axis, rows: readonly SweepRow[]): VegaDrawing {
  const { metric } = sweep.objective;
  const alone = sweep.fields.length === 1;
  const points = meansOf(rows, (row) => ({ x: x.of(row) })).sort(
    (a, b) => x.domain.indexOf(a.x) - x.domain.indexOf(b.x),
  );
  const values = points.map((point) => {
    // An interval over seeds belongs to one configuration, not to a mean over several.
    const { low, high } = alone ? (rows.find((row) => x.of(row) === point.x)?.objective ?? {}) : {};
    return { ...point, low: low ?? point.value, high: high ?? point.value };
  });
  const place = { x: { scale: 'x', field: 'x' } };
  const title = `${alone ? metric : `Mean ${metric}`} by ${x.field.name}`;
  const interval = alone && sweep.seeds.length > 1 ? ' Bars are 95 % intervals over seeds.' : '';
  return drawing(`${title}.${interval}`, {
    width: 520,
    height: 300,
    data: [{ name: 'points', values }],
    scales: [
      scaleOf('x', x, 'width', false),
      {
        name: 'y',
        type: 'linear',
        domain: extent(values.flatMap(({ low, high }) => [low, high])),
        range: 'height',
        zero: false,
        nice: true,
      },
    ],
    axes: [
      { scale: 'x', orient: 'bottom', title: x.field.name, labelOverlap: true },
      {
        scale: 'y',
        orient: 'left',
        title: interval === '' ? metric : `${metric}, 95 % interval`,
        grid: true,
      },
    ],
    marks: [
      ...(x.numeric
        ? [
            {
              type: 'line' as const,
              name: 'line',
              from: { data: 'points' },
              encode: {
                enter: {
                  ...place,
                  y: { scale: 'y', field: 'value' },
                  stroke: { value: FAINT },
                  strokeWidth: { value: 2 },
                },
              },
            },
          ]
        : []),
      {
        type: 'rule',
        name: 'intervals',
        from: { data: 'points' },
        encode: {
          enter: {
            ...place,
            y: { scale: 'y', field: 'low' },
            y2: { scale: 'y', field: 'high' },
            stroke: { value: INK },
            strokeWidth: { value: 1.5 },
          },
        },
      },
      {
        type: 'symbol',
        name: 'means',
        from: { data: 'points' },
        encode: {
          enter: {
            ...place,
            y: { scale: 'y', field: 'value' },
            size: { value: 60 },
            fill: { value: INK },
          },
        },
      },
    ],
  });
}

/** The mean objective of the rows that fall into one place, and its text. */
function meansOf<P extends object>(
  rows: readonly SweepRow[],
  placeOf: (row: SweepRow) => P,
): (P & { value: number; text: string })[] {
  const places = new Map<string, { place: P; values: number[] }>();
  for (const row of rows) {
    const place = placeOf(row);
    const key = JSON.stringify(place);
    const found = places.get(key) ?? { place, values: [] };
    found.values.push(row.objective.mean);
    places.set(key, found);
  }
  return [...places.values()].map(({ place, values }) => {
    const value = values.reduce((sum, one) => sum + one, 0) / values.length;
    return {
      ...place,
      value,
      text: Number(value.toPrecision(4)).toLocaleString('en-US', { maximumFractionDigits: 3 }),
    };
  });
}
