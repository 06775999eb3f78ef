/** Loss of several controllers, each a line with a band over its seeds. */
import { largest, smallest, type DocumentLevel } from '@ligature/core';
import { short, smoothed } from '../trace/thin.js';
import type { LossCurves, TrialCurve } from '../document/loss-curves.js';
import { below, PAGE, pageSpec, seriesColor, seriesDash, type Chart } from './chart.js';
import { costAxis, costScale, costSignal, costSwitch, costTransform } from './cost-axis.js';
import { levelMarks, levelsNote, levelValues } from './levels.js';

export interface BandPoint {
  readonly controller: string;
  readonly step: number;
  readonly tokens: number;
  readonly seconds: number;
  readonly flops: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly seeds: number;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * At every step that all seeds of a controller have: mean, lowest and highest of their running means, and the mean of
 * what it had cost them.
 */
export function lossBands(curves: readonly TrialCurve[], width: number): BandPoint[] {
  const controllers = [...new Set(curves.map(({ controller }) => controller))];
  return controllers.flatMap((controller) => {
    const own = curves.filter((curve) => curve.controller === controller);
    const running = own.map(({ bins }) =>
      smoothed(
        bins.map(({ loss }) => loss),
        width,
      ),
    );
    const length = smallest(own.map(({ bins }) => bins.length));
    return Array.from({ length }, (_, index) => index).flatMap((index) => {
      const losses = running.flatMap((values) => values[index] ?? []);
      const bins = own.flatMap(({ bins: all }) => all[index] ?? []);
      const [first] = bins;
      if (losses.length < own.length || first === undefined) return [];
      return [
        {
          controller,
          step: first.step,
          tokens: Math.round(mean(bins.map(({ tokens }) => tokens))),
          seconds: short(mean(bins.map(({ seconds }) => seconds))),
          flops: short(mean(bins.map(({ flops }) => flops))),
          mean: short(mean(losses)),
          low: short(smallest(losses)),
          high: short(largest(losses)),
          seeds: own.length,
        },
      ];
    });
  });
}

export function comparisonLossChart(
  { curves, binSize, logs }: LossCurves,
  { id, title }: { readonly id: string; readonly title: string },
  {
    lossUnit,
    unit,
    levels = [],
  }: { readonly lossUnit: string; readonly unit: string; readonly levels?: readonly DocumentLevel[] },
): Chart | undefined {
  const longest = Math.max(0, largest(curves.map(({ bins }) => bins.length)));
  const width = Math.max(1, Math.round(longest / 40));
  const bands = lossBands(curves, width);
  if (bands.length === 0) return undefined;
  const controllers = [...new Set(bands.map(({ controller }) => controller))];
  const seeds = largest(bands.map((one) => one.seeds));
  const ends = controllers.map((controller) => {
    const last = bands.filter((one) => one.controller === controller).at(-1);
    return `${controller} ${last?.mean.toFixed(3)}`;
  });
  const x = { scale: 'x', field: 'x' };
  const color = { scale: 'controller', field: 'controller' };
  return {
    ...{ id, title },
    alt: `Training loss of ${controllers.length} controllers; running means at the end, in ${lossUnit}: ${ends.join(', ')}.`,
    notes: [
      `Lines: running means over ${width * binSize} steps of the training loss before each update` +
        (seeds > 1
          ? `, their mean over the seeds; bands from the lowest to the highest seed.`
          : ', one seed.') +
        levelsNote(levels),
      ...(binSize > 1 ? [`One point stands for ${binSize} steps.`] : []),
      logs
        ? 'Against seconds and FLOPs a point lies at the mean of what that step had cost the seeds; seconds are those of this machine.'
        : 'Event logs of trials are missing, so seconds and FLOPs are not known.',
    ],
    switches: [costSwitch(logs ? ['tokens', 'step', 'seconds', 'flops'] : ['tokens', 'step'], unit)],
    spec: pageSpec('Training loss by controller', {
      height: 340,
      signals: [costSignal('tokens')],
      data: [{ name: 'bands', values: bands, transform: [costTransform] }],
      scales: [
        costScale('bands'),
        {
          name: 'y',
          type: 'linear',
          domain: {
            fields: [...['low', 'high'].map((field) => ({ data: 'bands', field })), ...levelValues(levels)],
          },
          range: 'height',
          nice: true,
          zero: false,
        },
        {
          name: 'controller',
          type: 'ordinal',
          domain: controllers,
          range: controllers.map((_, index) => seriesColor(index)),
        },
        {
          name: 'dash',
          type: 'ordinal',
          domain: controllers,
          range: controllers.map((_, index) => seriesDash(index)),
        },
      ],
      axes: [costAxis(unit), { scale: 'y', orient: 'left', grid: true, title: lossUnit, tickCount: 6 }],
      legends: [
        {
          stroke: 'controller',
          strokeDash: 'dash',
          symbolType: 'stroke',
          symbolStrokeWidth: 3,
          symbolSize: 300,
          ...below(190),
          labelLimit: 170,
        },
      ],
      marks: [
        ...levelMarks(levels, PAGE),
        {
          type: 'group',
          from: { facet: { name: 'curve', data: 'bands', groupby: 'controller' } },
          marks: [
            {
              type: 'area',
              from: { data: 'curve' },
              encode: {
                update: {
                  x,
                  y: { scale: 'y', field: 'low' },
                  y2: { scale: 'y', field: 'high' },
                  fill: color,
                  fillOpacity: { value: seeds > 1 ? 0.16 : 0 },
                },
              },
            },
            {
              type: 'line',
              from: { data: 'curve' },
              encode: {
                update: {
                  x,
                  y: { scale: 'y', field: 'mean' },
                  stroke: color,
                  strokeDash: { scale: 'dash', field: 'controller' },
                  strokeWidth: { value: 2 },
                  strokeJoin: { value: 'round' },
                },
              },
            },
          ],
        },
        {
          type: 'symbol',
          name: 'hover-points',
          from: { data: 'bands' },
          encode: {
            update: {
              x,
              y: { scale: 'y', field: 'mean' },
              size: { value: 90 },
              fill: color,
              fillOpacity: { value: 0 },
              tooltip: {
                signal:
                  "{title: datum.controller, step: datum.step, mean: format(datum.mean, '.4f'), " +
                  "'over seeds': datum.seeds > 1 ? format(datum.low, '.4f') + ' to ' + format(datum.high, '.4f') : 'one seed', " +
                  `${JSON.stringify(unit)}: format(datum.tokens, ',d')${logs ? ", seconds: format(datum.seconds, '.2f'), FLOPs: format(datum.flops, '.3s')" : ''}}`,
              },
            },
            hover: { fillOpacity: { value: 1 } },
          },
        },
      ],
    }),
  };
}
