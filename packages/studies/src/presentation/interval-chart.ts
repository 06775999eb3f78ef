/** Means with their intervals, one below the other. */
import type { DocumentChart } from '@ligature/core';
import { INK, seriesColor } from './vega.js';

export interface IntervalRow {
  readonly label: string;
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
  /** Single measurements, drawn as small points. */
  readonly values: readonly number[];
  readonly finding: string;
}

export interface IntervalView {
  readonly id: string;
  readonly title: string;
  readonly alt: string;
  readonly note: string;
  readonly axis: string;
  /** A line at zero. */
  readonly zero?: boolean;
}

export function intervalChart(rows: readonly IntervalRow[], view: IntervalView): DocumentChart {
  const { id, title, alt, note, axis, zero = false } = view;
  const labels = rows.map(({ label }) => label);
  const y = { scale: 'y', field: 'label', band: 0.5 };
  const values = rows.flatMap(({ label, values: all }) => all.map((value) => ({ label, value })));
  return {
    kind: 'chart',
    ...{ id, title, alt, notes: [note] },
    in: ['page'],
    drawing: {
      kind: 'vega',
      wide: true,
      spec: {
        description: title,
        height: Math.max(80, rows.length * 30),
        data: [
          { name: 'rows', values: rows.map(({ values: _, ...row }) => row) },
          { name: 'values', values },
        ],
        scales: [
          {
            name: 'x',
            type: 'linear',
            domain: {
              fields: [
                ...['mean', 'low', 'high'].map((field) => ({ data: 'rows', field })),
                { data: 'values', field: 'value' },
                ...(zero ? [[0]] : []),
              ],
            },
            range: 'width',
            nice: true,
            zero: false,
          },
          { name: 'y', type: 'band', domain: labels, range: 'height' },
        ],
        axes: [
          {
            scale: 'x',
            orient: 'bottom',
            grid: true,
            title: axis,
            tickCount: { signal: 'ceil(width / 90)' },
            labelOverlap: true,
          },
          {
            scale: 'y',
            orient: 'left',
            ticks: false,
            domain: false,
            labelLimit: { signal: 'width < 500 ? 110 : 240' },
          },
        ],
        marks: [
          ...(zero
            ? [
                {
                  type: 'rule' as const,
                  encode: {
                    update: {
                      x: { scale: 'x', value: 0 },
                      y: { value: 0 },
                      y2: { signal: 'height' },
                      stroke: { value: INK },
                      strokeDash: { value: [4, 3] },
                    },
                  },
                },
              ]
            : []),
          {
            type: 'rule',
            from: { data: 'rows' },
            encode: {
              update: {
                x: { scale: 'x', field: 'low' },
                x2: { scale: 'x', field: 'high' },
                y,
                stroke: { value: seriesColor(0) },
                strokeWidth: { value: 2 },
                opacity: { signal: 'isValid(datum.low) ? 1 : 0' },
              },
            },
          },
          {
            type: 'symbol',
            from: { data: 'values' },
            encode: {
              update: {
                x: { scale: 'x', field: 'value' },
                y,
                shape: { value: 'stroke' },
                size: { value: 90 },
                angle: { value: 90 },
                stroke: { value: INK },
                strokeOpacity: { value: 0.55 },
                strokeWidth: { value: 1 },
              },
            },
          },
          {
            type: 'symbol',
            from: { data: 'rows' },
            encode: {
              update: {
                x: { scale: 'x', field: 'mean' },
                y,
                size: { value: 70 },
                fill: { value: seriesColor(0) },
                tooltip: {
                  signal:
                    "{title: datum.label, mean: format(datum.mean, '.4f'), " +
                    "interval: isValid(datum.low) ? format(datum.low, '.4f') + ' to ' + format(datum.high, '.4f') : 'none', finding: datum.finding}",
                },
              },
            },
          },
        ],
      },
    },
  };
}
