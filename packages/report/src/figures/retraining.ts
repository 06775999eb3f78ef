/** The picture of a retraining: the loss of every seed, the means with their intervals, and where the run itself ended. */
import type { Retraining } from '@ligature/studies';
import type { Spec } from 'vega';
import { blockColor } from '../colors.js';
import { PICTURE, renderSvg, themeOf, type Look } from './render.js';

/** SVG text; the same input gives the same bytes. */
export async function retrainingSvg(retraining: Retraining): Promise<string> {
  return await renderSvg(retrainingSpec(retraining));
}

/** The Vega specification, for pages that draw it themselves. */
export function retrainingSpec({ rows, run, seeds }: Retraining, look: Look = PICTURE): Spec {
  const title = `${run.tieMap.join('-')}, found by ${run.controller}, trained again`;
  const values = rows.map(({ label, arm, loss }) => ({
    ...{ label, arm, mean: loss.mean, low: loss.low ?? loss.mean, high: loss.high ?? loss.mean },
  }));
  const points = rows.flatMap(({ label, losses }) => losses.map((loss) => ({ label, loss })));
  const arms = [...new Set(rows.map(({ arm }) => arm))];
  const own = run.loss === null ? [] : [{ loss: run.loss, text: `the run: ${run.loss.toFixed(3)}` }];
  const all = [
    ...values.flatMap(({ low, high }) => [low, high]),
    ...points.map(({ loss }) => loss),
    ...own.map(({ loss }) => loss),
  ];
  const place = { y: { scale: 'row', field: 'label', band: 0.5 } };
  const color = { scale: 'arm', field: 'arm' };
  return {
    $schema: 'https://vega.github.io/schema/vega/v6.json',
    description: `${title}. Dots are seeds, bars 95 % intervals over ${seeds.length} seeds, the dashed line is the run itself.`,
    background: look.panel,
    padding: 16,
    config: themeOf(look),
    title: { text: title, frame: 'group' },
    width: 520,
    height: Math.max(1, rows.length) * 28,
    data: [
      { name: 'rows', values },
      { name: 'points', values: points },
      { name: 'run', values: own },
    ],
    scales: [
      {
        name: 'loss',
        type: 'linear',
        domain: all.length > 0 ? [Math.min(...all), Math.max(...all)] : [0, 1],
        range: 'width',
        zero: false,
        nice: true,
      },
      { name: 'row', type: 'band', domain: rows.map(({ label }) => label), range: 'height' },
      { name: 'arm', type: 'ordinal', domain: arms, range: arms.map((_, index) => blockColor(index)) },
    ],
    axes: [
      { scale: 'loss', orient: 'bottom', grid: true, title: 'test loss, nats per token' },
      { scale: 'row', orient: 'left', ticks: false, domain: false },
    ],
    marks: [
      {
        type: 'rule',
        name: 'run-line',
        from: { data: 'run' },
        encode: {
          enter: {
            x: { scale: 'loss', field: 'loss' },
            y: { value: 0 },
            y2: { signal: 'height' },
            stroke: { value: look.ink },
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
            x: { scale: 'loss', field: 'loss' },
            y: { value: -4 },
            align: { signal: "scale('loss', datum.loss) > width / 2 ? 'right' : 'left'" },
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
            x: { scale: 'loss', field: 'low' },
            x2: { scale: 'loss', field: 'high' },
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
            x: { scale: 'loss', field: 'loss' },
            size: { value: 16 },
            fill: { value: look.ink },
            fillOpacity: { value: 0.45 },
          },
        },
      },
      {
        type: 'symbol',
        name: 'means',
        from: { data: 'rows' },
        encode: {
          enter: { ...place, x: { scale: 'loss', field: 'mean' }, size: { value: 90 }, fill: color },
        },
      },
    ],
  };
}
