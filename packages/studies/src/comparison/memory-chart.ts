/** Memory by controller: what the ledger counts, and what was measured. */
import type { DocumentChart, LedgerBytes } from '@ligature/core';
import { below, INK, seriesColor, shortLabels } from '../presentation/vega.js';
import type { Comparison } from './types.js';

const PARTS: readonly (keyof LedgerBytes)[] = ['weights', 'gradients', 'moments', 'activations'];

/** Means over seeds of what the ledger counts at the end, and what was measured at most. */
export function memoryChart({ rows, trials }: Comparison): DocumentChart | undefined {
  if (rows.length === 0) return undefined;
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const values = rows.flatMap(({ controller }) => {
    const own = trials.filter((trial) => trial.controller === controller);
    return PARTS.map((part, order) => ({
      ...{ controller, part, order },
      bytes: Math.round(mean(own.map(({ ledger }) => ledger.bytes[part]))),
    }));
  });
  const peaks = rows.map(({ controller, peakBackendBytes }) => ({
    controller,
    bytes: Math.round(peakBackendBytes.mean),
  }));
  const total = (controller: string): string =>
    megabytes(
      values.filter((one) => one.controller === controller).reduce((sum, { bytes }) => sum + bytes, 0),
    );
  return {
    kind: 'chart',
    in: ['page'],
    id: 'memory',
    title: 'Memory at the end',
    alt: `Bytes of a training step by the ledger: ${rows.map(({ controller }) => `${controller} ${total(controller)}`).join(', ')}.`,
    notes: [
      'Bars: bytes of float32 that a step under the final map needs, counted by the ledger. ' +
        'Strokes: the most that the backend held in tensors after a step, measured over the whole run; that is without what a step needs in passing.',
    ],
    drawing: {
      kind: 'vega',
      wide: true,
      spec: {
        description: 'Memory by controller',
        height: Math.max(90, rows.length * 34),
        data: [
          {
            name: 'parts',
            values,
            transform: [{ type: 'stack', groupby: ['controller'], field: 'bytes', sort: { field: 'order' } }],
          },
          { name: 'peaks', values: peaks },
        ],
        scales: [
          {
            name: 'x',
            type: 'linear',
            domain: {
              fields: [
                { data: 'parts', field: 'y1' },
                { data: 'peaks', field: 'bytes' },
              ],
            },
            range: 'width',
            nice: true,
            zero: true,
          },
          {
            name: 'y',
            type: 'band',
            domain: rows.map(({ controller }) => controller),
            range: 'height',
            padding: 0.25,
          },
          {
            name: 'part',
            type: 'ordinal',
            domain: [...PARTS],
            range: PARTS.map((_, index) => seriesColor(index)),
          },
        ],
        axes: [
          {
            scale: 'x',
            orient: 'bottom',
            grid: true,
            title: 'bytes',
            encode: shortLabels,
            tickCount: { signal: 'ceil(width / 90)' },
          },
          {
            scale: 'y',
            orient: 'left',
            ticks: false,
            domain: false,
            labelLimit: { signal: 'width < 500 ? 110 : 240' },
          },
        ],
        legends: [
          {
            fill: 'part',
            symbolType: 'square',
            ...below(110, 2),
          },
        ],
        marks: [
          {
            type: 'rect',
            from: { data: 'parts' },
            encode: {
              update: {
                x: { scale: 'x', field: 'y0' },
                x2: { scale: 'x', field: 'y1' },
                y: { scale: 'y', field: 'controller' },
                height: { scale: 'y', band: 1 },
                fill: { scale: 'part', field: 'part' },
                fillOpacity: { value: 0.85 },
                tooltip: {
                  signal: "{title: datum.controller, part: datum.part, bytes: format(datum.bytes, ',d')}",
                },
              },
            },
          },
          {
            type: 'rect',
            from: { data: 'peaks' },
            encode: {
              update: {
                xc: { scale: 'x', field: 'bytes' },
                width: { value: 3 },
                y: { scale: 'y', field: 'controller', offset: -3 },
                height: { signal: "bandwidth('y') + 6" },
                fill: { value: INK },
                tooltip: {
                  signal: "{title: datum.controller, 'measured peak of tensors': format(datum.bytes, ',d')}",
                },
              },
            },
          },
        ],
      },
    },
  };
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
