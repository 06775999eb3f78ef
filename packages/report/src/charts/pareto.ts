/** Loss against parameters: what a scheme gives for what it stores. */
import { type TrialResult } from '@ligature/run';
import { paretoFront, type ComparisonRow } from '@ligature/studies';
import { below, PAGE, pageSpec, seriesColor, shortLabels, type Chart } from './chart.js';

export function paretoChart(
  rows: readonly ComparisonRow[],
  trials: readonly TrialResult[],
): Chart | undefined {
  const means = rows
    .map((row) => ({
      controller: row.controller,
      parameters: row.uniqueParameters.mean,
      loss: row.testNats.mean,
    }))
    .filter(({ loss }) => Number.isFinite(loss));
  if (means.length === 0) return undefined;
  const points = trials.flatMap(({ controller, seed, ledger, test, tieMap }) =>
    Number.isFinite(test['nats'])
      ? [
          {
            controller,
            seed,
            parameters: ledger.uniqueParameters,
            loss: test['nats'],
            tieMap: tieMap.join('-'),
          },
        ]
      : [],
  );
  const best = paretoFront(means.map(({ parameters: cost, loss }) => ({ cost, loss })));
  const front = means.filter((_, index) => best[index]).sort((a, b) => a.parameters - b.parameters);
  const controllers = rows.map(({ controller }) => controller);
  const x = { scale: 'x', field: 'parameters' };
  const y = { scale: 'y', field: 'loss' };
  const color = { scale: 'controller', field: 'controller' };
  const shape = { scale: 'shape', field: 'controller' };
  return {
    id: 'pareto',
    title: 'Loss against parameters',
    alt: `No other mean has both fewer parameters and a lower loss than: ${front.map(({ controller }) => controller).join(', ')}.`,
    notes: [
      'Small: the seeds; large: their means; line: the means that no other one beats in both. Lower and further left is better.',
    ],
    spec: pageSpec('Test loss against unique parameters', {
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
          domain: { data: 'trials', field: 'parameters' },
          range: 'width',
          nice: true,
          zero: false,
          padding: 12,
        },
        {
          name: 'y',
          type: 'linear',
          domain: { data: 'trials', field: 'loss' },
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
          title: 'unique parameters',
          encode: shortLabels,
          tickCount: { signal: 'ceil(width / 90)' },
        },
        { scale: 'y', orient: 'left', grid: true, title: 'test nats per token', tickCount: 6 },
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
              stroke: { value: PAGE.ink },
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
                  "{title: datum.controller + ', seed ' + datum.seed, 'test nats': format(datum.loss, '.4f'), " +
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
              stroke: { value: PAGE.ink },
              tooltip: {
                signal:
                  "{title: datum.controller + ', mean', 'test nats': format(datum.loss, '.4f'), parameters: format(datum.parameters, ',.0f')}",
              },
            },
          },
        },
      ],
    }),
  };
}
