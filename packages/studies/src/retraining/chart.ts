/** The picture of a retraining: the value of every seed, the means with their intervals, and where the run itself ended. */
import { largest, smallest } from '@ligature/core';
import type { MetricSpec, VegaDrawing } from '@ligature/core';
import { blockColor, drawing, INK } from '../presentation/vega.js';
import { metricAxis, metricName } from '../statistics/wording.js';
import type { Retraining } from './types.js';

export function retrainingDrawing({ rows, run, seeds, task }: Retraining): VegaDrawing {
  const metric = task.metrics[0] as MetricSpec;
  const title = `${run.tieMap.join('-')}, found by ${run.controller}, trained again`;
  const values = rows.map(({ label, arm, value: { mean, low, high } }) => ({
    ...{ label, arm, mean, low: low ?? mean, high: high ?? mean },
  }));
  const points = rows.flatMap(({ label, values: all }) => all.map((value) => ({ label, value })));
  const arms = [...new Set(rows.map(({ arm }) => arm))];
  const own = run.loss === null ? [] : [{ value: run.loss, text: `the run: ${run.loss.toFixed(3)}` }];
  const ends = [
    ...values.flatMap(({ low, high }) => [low, high]),
    ...points.map(({ value }) => value),
    ...own.map(({ value }) => value),
  ];
  const place = { y: { scale: 'row', field: 'label', band: 0.5 } };
  const color = { scale: 'arm', field: 'arm' };
  const description = `${title}. Dots are seeds, bars 95 % intervals over ${seeds.length} seeds, the dashed line is the run itself.`;
  return drawing(description, {
    width: 520,
    height: Math.max(1, rows.length) * 28,
    data: [
      { name: 'rows', values },
      { name: 'points', values: points },
      { name: 'run', values: own },
    ],
    scales: [
      {
        name: 'value',
        type: 'linear',
        domain: ends.length > 0 ? [smallest(ends), largest(ends)] : [0, 1],
        range: 'width',
        zero: false,
        nice: true,
      },
      { name: 'row', type: 'band', domain: rows.map(({ label }) => label), range: 'height' },
      { name: 'arm', type: 'ordinal', domain: arms, range: arms.map((_, index) => blockColor(index)) },
    ],
    axes: [
      {
        scale: 'value',
        orient: 'bottom',
        grid: true,
        title: `test ${metricName(metric)}, ${metricAxis(metric, task.lossUnit)}`,
      },
      { scale: 'row', orient: 'left', ticks: false, domain: false },
    ],
    marks: [
      {
        type: 'rule',
        name: 'run-line',
        from: { data: 'run' },
        encode: {
          enter: {
            x: { scale: 'value', field: 'value' },
            y: { value: 0 },
            y2: { signal: 'height' },
            stroke: { value: INK },
            strokeDash: { value: [4, 3] },
          },
        },
      },
      {
        type: 'text',
        name: 'run-label',
        from: { data: 'run' },
        encode: {
          enter: {
            x: { scale: 'value', field: 'value' },
            y: { value: -4 },
            align: { signal: "scale('value', datum.value) > width / 2 ? 'right' : 'left'" },
            fontSize: { value: 10 },
            text: { field: 'text' },
          },
        },
      },
      {
        type: 'rule',
        name: 'intervals',
        from: { data: 'rows' },
        encode: {
          enter: {
            ...place,
            x: { scale: 'value', field: 'low' },
            x2: { scale: 'value', field: 'high' },
            stroke: color,
            strokeWidth: { value: 2 },
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
            size: { value: 16 },
            fill: { value: INK },
            fillOpacity: { value: 0.45 },
          },
        },
      },
      {
        type: 'symbol',
        name: 'means',
        from: { data: 'rows' },
        encode: {
          enter: { ...place, x: { scale: 'value', field: 'mean' }, size: { value: 90 }, fill: color },
        },
      },
    ],
  });
}
