/** The pictures of a landscape: the ranking of its maps, and what they give against what they store. */
import type { MetricSpec, VegaDrawing } from '@ligature/core';
import { blockColor, drawing, extent, FAINT, INK } from '../presentation/vega.js';
import { capital } from '../presentation/words.js';
import { metricAxis, metricHeading, metricName } from '../statistics/wording.js';
import type { Landscape } from './types.js';

/** Above this many maps names have no room beside their dots. */
const MOST_LABELS = 60;

/**
 * Every map on a line of its own, best first: mean, 95 % interval, the values of the seeds, all without the seeds' own
 * levels; a colour a number of blocks.
 */
export function rankingDrawing({ maps, seeds, task }: Landscape): VegaDrawing {
  const metric = task.metrics[0] as MetricSpec;
  const labelled = maps.length <= MOST_LABELS;
  const row = labelled ? 16 : Math.max(2, Math.floor(960 / maps.length));
  const title = `Ranking of ${maps.length} fixed tie maps`;
  // Without the level of each seed, which all maps share and which would hide what separates them.
  const level = grandMean(maps);
  const means = maps.map(({ label, blocks, centered: { mean, low, high } }) => ({
    ...{ label, blocks, mean: level + mean, low: level + (low ?? mean), high: level + (high ?? mean) },
  }));
  const points = maps.flatMap(({ label, values }) =>
    values.map((value, on) => ({ label, value: value - seedEffect(maps, on) })),
  );
  const place = { y: { scale: 'map', field: 'label', band: 0.5 } };
  return drawing(
    `${title} by mean validation ${metricName(metric)}, drawn at their test ${metricName(metric)}. Bars are 95 % intervals over ${seeds.length} seeds.`,
    {
      width: 560,
      height: Math.max(1, maps.length) * row,
      data: [
        { name: 'maps', values: means },
        { name: 'points', values: points },
      ],
      scales: [
        {
          name: 'value',
          type: 'linear',
          domain: extent([
            ...means.flatMap(({ low, high }) => [low, high]),
            ...points.map(({ value }) => value),
          ]),
          range: 'width',
          zero: false,
          nice: true,
        },
        { name: 'map', type: 'band', domain: maps.map(({ label }) => label), range: 'height' },
        blockScale(maps),
      ],
      axes: [
        {
          scale: 'value',
          orient: 'bottom',
          grid: true,
          title: `test ${named(metric, task.lossUnit)}${seeds.length > 1 ? ", without the seeds' levels, 95 % interval" : ''}`,
        },
        { scale: 'map', orient: 'left', ticks: false, domain: false, labels: labelled, title: 'tie map' },
      ],
      legends: [{ fill: 'blocks', title: 'blocks', symbolType: 'circle', symbolSize: 80 }],
      marks: [
        {
          type: 'rule',
          name: 'intervals',
          from: { data: 'maps' },
          encode: {
            enter: {
              ...place,
              x: { scale: 'value', field: 'low' },
              x2: { scale: 'value', field: 'high' },
              stroke: { scale: 'blocks', field: 'blocks' },
              strokeWidth: { value: Math.min(1.5, row / 2) },
            },
          },
        },
        {
          type: 'symbol',
          name: 'seeds',
          from: { data: 'points' },
          encode: {
            enter: {
              ...place,
              x: { scale: 'value', field: 'value' },
              size: { value: labelled ? 10 : 3 },
              fill: { value: FAINT },
            },
          },
        },
        {
          type: 'symbol',
          name: 'means',
          from: { data: 'maps' },
          encode: {
            enter: {
              ...place,
              x: { scale: 'value', field: 'mean' },
              size: { value: labelled ? 60 : 12 },
              fill: { scale: 'blocks', field: 'blocks' },
              tooltip: { signal: tooltip('mean', metric) },
            },
          },
        },
      ],
    },
  );
}

/** Every map as a dot, those on the front joined by steps; a cross for each seed of a controller, without the seed's level. */
export function paretoDrawing({ maps, seeds, front, controllers, task }: Landscape): VegaDrawing {
  const metric = task.metrics[0] as MetricSpec;
  const values = maps.map(({ label, blocks, uniqueParameters, value, onFront }) => ({
    ...{ label, blocks, parameters: uniqueParameters, value: value.mean, onFront },
  }));
  const line = front.flatMap((label) => values.filter((map) => map.label === label));
  // A controller's model ends with the parameters of its final map.
  const crosses = controllers.flatMap(({ controller, seeds: own }) =>
    own.flatMap(({ value, blocks, seed }) => {
      const parameters = values.find((map) => map.blocks === blocks)?.parameters;
      if (parameters === undefined) return [];
      return [{ controller, seed, value: value - seedEffect(maps, seeds.indexOf(seed)), parameters }];
    }),
  );
  const names = [...new Set(crosses.map(({ controller }) => controller))];
  const place = { x: { scale: 'parameters', field: 'parameters' }, y: { scale: 'value', field: 'value' } };
  const heights = [...values, ...crosses].map(({ value }) => value);
  return drawing(
    `${frontTitle(metric)}: each dot is a tie map, mean over ${seeds.length} seeds. The line is the front by validation ${metricName(metric)}.`,
    {
      width: 560,
      height: 340,
      data: [
        { name: 'maps', values },
        { name: 'front', values: line },
        { name: 'named', source: 'front' },
        { name: 'crosses', values: crosses },
      ],
      scales: [
        {
          name: 'parameters',
          type: 'linear',
          domain: extent(values.map(({ parameters }) => parameters)),
          range: 'width',
          zero: false,
          nice: true,
          padding: 24,
        },
        { name: 'value', type: 'linear', domain: extent(heights), range: 'height', zero: false, nice: true },
        blockScale(maps),
        {
          name: 'controller',
          type: 'ordinal',
          domain: names,
          // Other colours than those of the blocks beside them.
          range: names.map((_, index) => blockColor(8 + index)),
        },
      ],
      axes: [
        { scale: 'parameters', orient: 'bottom', title: 'unique parameters', format: '~s', grid: true },
        { scale: 'value', orient: 'left', title: `test ${named(metric, task.lossUnit)}`, grid: true },
      ],
      legends: [
        { fill: 'blocks', title: 'blocks', symbolType: 'circle', symbolSize: 80 },
        ...(names.length > 0
          ? [{ stroke: 'controller', title: 'controller', symbolType: 'cross', symbolSize: 80 }]
          : []),
      ],
      marks: [
        {
          type: 'line',
          name: 'front-line',
          from: { data: 'front' },
          encode: {
            enter: {
              ...place,
              interpolate: { value: 'step-after' },
              stroke: { value: INK },
              strokeWidth: { value: 1.25 },
              strokeDash: { value: [4, 3] },
            },
          },
        },
        {
          type: 'symbol',
          name: 'dots',
          from: { data: 'maps' },
          encode: {
            enter: {
              ...place,
              size: { signal: 'datum.onFront ? 90 : 36' },
              fill: { scale: 'blocks', field: 'blocks' },
              fillOpacity: { signal: 'datum.onFront ? 1 : 0.65' },
              stroke: { signal: `datum.onFront ? '${INK}' : 'transparent'` },
              tooltip: { signal: tooltip('value', metric) },
            },
          },
        },
        {
          type: 'symbol',
          name: 'controllers',
          from: { data: 'crosses' },
          encode: {
            enter: {
              ...place,
              shape: { value: 'M-1,-1L1,1M-1,1L1,-1' },
              size: { value: 40 },
              stroke: { scale: 'controller', field: 'controller' },
              strokeWidth: { value: 2 },
            },
          },
        },
        {
          type: 'text',
          name: 'names',
          from: { data: 'named' },
          encode: {
            enter: {
              ...place,
              dy: { value: 14 },
              align: { value: 'center' },
              fontSize: { value: 10 },
              text: { field: 'label' },
            },
          },
        },
      ],
    },
  );
}

function grandMean(maps: Landscape['maps']): number {
  return maps.reduce((sum, { value }) => sum + value.mean, 0) / Math.max(1, maps.length);
}

/** How far a seed lies above the others, over all maps. */
function seedEffect(maps: Landscape['maps'], on: number): number {
  const sum = maps.reduce((total, { values }) => total + (values[on] ?? 0), 0);
  return sum / Math.max(1, maps.length) - grandMean(maps);
}

function blockScale(maps: Landscape['maps']) {
  const numbers = [...new Set(maps.map(({ blocks }) => blocks))].sort((a, b) => a - b);
  return {
    name: 'blocks',
    type: 'ordinal' as const,
    domain: numbers,
    range: numbers.map((blocks) => blockColor(blocks - 1)),
  };
}

/** `Loss against unique parameters` */
export const frontTitle = (metric: MetricSpec): string =>
  `${capital(metricName(metric))} against unique parameters`;

/** `loss, nats per token` */
const named = (metric: MetricSpec, lossUnit: string): string =>
  metric.label === undefined || metric.unit === '' || metric.unit === '%'
    ? metricHeading(metric)
    : `${metric.label}, ${metricAxis(metric, lossUnit)}`;

const tooltip = (field: string, { unit }: MetricSpec): string =>
  `datum.label + ': ' + format(datum.${field}, '.4f') + ${JSON.stringify(unit === '' ? '' : ` ${unit}`)}`;
