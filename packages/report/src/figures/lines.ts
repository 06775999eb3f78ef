/** One line per series, with dots where there are few points, and intervals as bars. */
import { largest, smallest } from '@ligature/core';
import type { LinesDrawing } from '@ligature/core';
import type { Mark, Spec } from 'vega';
import { blockColor } from '../colors.js';
import { PICTURE, themeOf, type Look } from './render.js';

/** More points than this are a curve, in which dots would only be noise. */
const MOST_DOTS = 60;

export function linesSpec(
  title: string,
  { xTitle, yTitle, series, fromZero = false }: LinesDrawing,
  look: Look = PICTURE,
): Spec {
  const names = series.map(({ name }) => name);
  const values = series.flatMap(({ name, points }) => points.map((point) => ({ series: name, ...point })));
  const place = { x: { scale: 'x', field: 'x' }, y: { scale: 'y', field: 'y' } };
  const color = { scale: 'series', field: 'series' };
  const ends = values.flatMap(({ y, low, high }) => [y, low ?? y, high ?? y]);
  const domain = ends.length === 0 ? [0, 1] : [fromZero ? 0 : smallest(ends), largest(ends)];
  const bars: Mark = {
    type: 'rule',
    from: { data: 'bars' },
    encode: {
      enter: {
        x: { scale: 'x', field: 'x' },
        y: { scale: 'y', field: 'low' },
        y2: { scale: 'y', field: 'high' },
        stroke: color,
      },
    },
  };
  const dots: Mark = {
    type: 'symbol',
    from: { data: 'points' },
    encode: { enter: { ...place, fill: color, size: { value: 28 } } },
  };
  return {
    $schema: 'https://vega.github.io/schema/vega/v6.json',
    description: `${title}. ${yTitle} by ${xTitle}: ${names.join(', ')}.`,
    background: look.panel,
    padding: 16,
    width: 560,
    height: 300,
    config: themeOf(look),
    title: { text: title, frame: 'group' },
    data: [
      { name: 'points', values },
      { name: 'bars', source: 'points', transform: [{ type: 'filter', expr: 'isValid(datum.low)' }] },
    ],
    scales: [
      { name: 'x', type: 'linear', domain: { data: 'points', field: 'x' }, range: 'width', zero: false },
      { name: 'y', type: 'linear', domain, range: 'height', nice: true, zero: false },
      { name: 'series', type: 'ordinal', domain: names, range: names.map((_, index) => blockColor(index)) },
    ],
    axes: [
      { scale: 'x', orient: 'bottom', title: xTitle, tickMinStep: 1 },
      { scale: 'y', orient: 'left', title: yTitle, grid: true },
    ],
    legends: [
      {
        stroke: 'series',
        symbolType: 'stroke',
        symbolStrokeWidth: 3,
        labelLimit: 320,
        orient: 'bottom',
        columns: 2,
      },
    ],
    marks: [
      {
        type: 'group',
        from: { facet: { name: 'curves', data: 'points', groupby: 'series' } },
        marks: [
          {
            type: 'line',
            from: { data: 'curves' },
            encode: { enter: { ...place, stroke: color, strokeWidth: { value: 1.75 } } },
          },
        ],
      },
      bars,
      ...(Math.max(0, largest(series.map(({ points }) => points.length))) <= MOST_DOTS ? [dots] : []),
    ],
  };
}
