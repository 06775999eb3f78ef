/**
 * What a scheme gives for what it stores: the primary metric against parameters, or, where a text has a size, bits a byte
 * against bytes, which are the same for every tokenizer.
 */
import type { DocumentChart, MetricSpec, TrialResult } from '@ligature/core';
import { below, INK, seriesColor, shortLabels } from '../presentation/vega.js';
import { capital } from '../presentation/words.js';
import { paretoFront } from '../statistics/pareto.js';
import { metricAxis, metricHeading, metricName } from '../statistics/wording.js';
import type { Comparison } from './types.js';

/** Of a weight as it is trained and written. */
const FLOAT_BYTES = 4;

interface Cost {
  /** In front of "than": `fewer parameters`. */
  readonly less: string;
  readonly name: string;
  readonly axis: string;
  /** Of one parameter. */
  readonly each: number;
}

const PARAMETERS: Cost = {
  less: 'fewer parameters',
  name: 'parameters',
  axis: 'unique parameters',
  each: 1,
};
const BYTES: Cost = {
  less: 'fewer stored bytes',
  name: 'stored bytes',
  axis: 'bytes of the weights in float32, each block once',
  each: FLOAT_BYTES,
};

/** Bits a byte where they were measured in every trial. */
function axesOf(task: Comparison['task'], trials: readonly TrialResult[]): readonly [MetricSpec, Cost] {
  const bits = task.metrics.find(({ unit }) => unit === 'bits/byte');
  const measured =
    bits !== undefined &&
    trials.every(({ test, validation }) =>
      [test, validation].every((metrics) => Number.isFinite(metrics[bits.name])),
    );
  return measured ? [bits, BYTES] : [task.metrics[0] as MetricSpec, PARAMETERS];
}

export function paretoChart({ rows, trials, task }: Comparison): DocumentChart | undefined {
  const [metric, cost] = axesOf(task, trials);
  const name = metricName(metric);
  const means = rows
    .map((row) => ({
      controller: row.controller,
      parameters: row.uniqueParameters.mean,
      cost: cost.each * row.uniqueParameters.mean,
      value: row.test[metric.name]?.mean ?? Number.NaN,
      validation: row.validation[metric.name]?.mean ?? Number.NaN,
      whole: row.measured === row.planned,
    }))
    .filter(({ value, validation }) => Number.isFinite(value) && Number.isFinite(validation));
  if (means.length === 0) return undefined;
  const points = trials.flatMap(({ controller, seed, ledger, test, tieMap }) =>
    Number.isFinite(test[metric.name])
      ? [
          {
            controller,
            seed,
            parameters: ledger.uniqueParameters,
            cost: cost.each * ledger.uniqueParameters,
            value: test[metric.name],
            tieMap: tieMap.join('-'),
          },
        ]
      : [],
  );
  // Chosen by validation, drawn at the test split; a mean over fewer seeds than planned is none to choose by.
  const candidates = means.filter(({ whole }) => whole);
  const best = paretoFront(
    candidates.map((one) => ({ cost: one.cost, value: one.validation })),
    metric.better,
  );
  const front = candidates.filter((_, index) => best[index]).sort((a, b) => a.cost - b.cost);
  const controllers = rows.map(({ controller }) => controller);
  const x = { scale: 'x', field: 'cost' };
  const y = { scale: 'y', field: 'value' };
  const color = { scale: 'controller', field: 'controller' };
  const shape = { scale: 'shape', field: 'controller' };
  const said = JSON.stringify(`test ${metricHeading(metric)}`);
  return {
    kind: 'chart',
    in: ['page'],
    id: 'pareto',
    title: `${capital(name)} against ${cost.name}`,
    alt: `No other mean has both ${cost.less} and a ${metric.better} validation ${name} than: ${front.map(({ controller }) => controller).join(', ')}.`,
    notes: [
      `Small: the seeds; large: their means; line: those that no other one beats in both, by validation ${name}. ${metric.better === 'lower' ? 'Lower' : 'Higher'} and further left is better.`,
    ],
    drawing: {
      kind: 'vega',
      wide: true,
      spec: {
        description: `Test ${name} against ${cost.name}`,
        height: 320,
        data: [
          { name: 'trials', values: points },
          { name: 'means', values: means },
          { name: 'front', values: front },
        ],
        scales: [
          {
            name: 'x',
            type: 'linear',
            domain: { data: 'trials', field: 'cost' },
            range: 'width',
            nice: true,
            zero: false,
            padding: 12,
          },
          {
            name: 'y',
            type: 'linear',
            domain: { data: 'trials', field: 'value' },
            range: 'height',
            nice: true,
            zero: false,
            padding: 12,
          },
          {
            name: 'controller',
            type: 'ordinal',
            domain: controllers,
            range: controllers.map((_, index) => seriesColor(index)),
          },
          {
            name: 'shape',
            type: 'ordinal',
            domain: controllers,
            range: [
              'circle',
              'square',
              'triangle-up',
              'diamond',
              'triangle-down',
              'cross',
              'triangle-right',
              'triangle-left',
            ],
          },
        ],
        axes: [
          {
            scale: 'x',
            orient: 'bottom',
            grid: true,
            title: cost.axis,
            encode: shortLabels,
            tickCount: { signal: 'ceil(width / 90)' },
          },
          {
            scale: 'y',
            orient: 'left',
            grid: true,
            title: `test ${metricAxis(metric, task.lossUnit)}`,
            tickCount: 6,
          },
        ],
        legends: [
          {
            fill: 'controller',
            shape: 'shape',
            ...below(190),
            labelLimit: 170,
          },
        ],
        marks: [
          {
            type: 'line',
            from: { data: 'front' },
            encode: {
              update: {
                x,
                y,
                stroke: { value: INK },
                strokeOpacity: { value: 0.5 },
                strokeDash: { value: [5, 4] },
              },
            },
          },
          {
            type: 'symbol',
            from: { data: 'trials' },
            encode: {
              update: {
                ...{ x, y, shape },
                size: { value: 45 },
                fill: color,
                fillOpacity: { value: 0.5 },
                tooltip: {
                  signal:
                    `{title: datum.controller + ', seed ' + datum.seed, ${said}: format(datum.value, '.4f'), ` +
                    "parameters: format(datum.parameters, ',d'), 'tie map': datum.tieMap}",
                },
              },
            },
          },
          {
            type: 'symbol',
            from: { data: 'means' },
            encode: {
              update: {
                ...{ x, y, shape },
                size: { value: 160 },
                fill: color,
                stroke: { value: INK },
                tooltip: {
                  signal: `{title: datum.controller + ', mean', ${said}: format(datum.value, '.4f'), parameters: format(datum.parameters, ',.0f')}`,
                },
              },
            },
          },
        ],
      },
    },
  };
}
