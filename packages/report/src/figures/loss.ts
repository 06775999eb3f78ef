/** Training loss curves: one colour per controller, one line per seed, smoothed by a trailing mean. */
import { largest } from '@ligature/core';
import type { DocumentLevel, LossPoint, TrialResult } from '@ligature/core';
import type { Spec } from 'vega';
import { levelMarks, levelValues } from '../charts/levels.js';
import { blockColor } from '../colors.js';
import { PICTURE, themeOf } from './render.js';

type Curve = Pick<TrialResult, 'controller' | 'seed' | 'losses'>;

/** Means over at most `window` points up to and including each one. */
export function trailingMean(points: readonly LossPoint[], window: number): LossPoint[] {
  return points.map(({ step }, index) => {
    const recent = points.slice(Math.max(0, index + 1 - window), index + 1);
    return { step, loss: recent.reduce((sum, { loss }) => sum + loss, 0) / recent.length };
  });
}

export function lossSpec(
  results: readonly Curve[],
  title: string,
  yTitle: string,
  levels: readonly DocumentLevel[] = [],
): Spec {
  const longest = Math.max(1, largest(results.map(({ losses }) => losses.length)));
  const window = Math.max(1, Math.round(longest / 40));
  const controllers = [...new Set(results.map(({ controller }) => controller))];
  const values = results.flatMap(({ controller, seed, losses }) =>
    trailingMean(losses, window).map((point) => ({ ...point, controller, curve: `${controller}/${seed}` })),
  );
  return {
    $schema: 'https://vega.github.io/schema/vega/v6.json',
    description: `${title}, one line per controller and seed.`,
    background: PICTURE.panel,
    padding: 16,
    width: 640,
    height: 320,
    config: themeOf(PICTURE),
    title: { text: title, frame: 'group' },
    data: [{ name: 'points', values }],
    scales: [
      {
        name: 'step',
        type: 'linear',
        domain: { data: 'points', field: 'step' },
        range: 'width',
        nice: false,
        zero: false,
      },
      {
        name: 'loss',
        type: 'linear',
        domain: { fields: [{ data: 'points', field: 'loss' }, ...levelValues(levels)] },
        range: 'height',
        nice: true,
        zero: false,
      },
      {
        name: 'controller',
        type: 'ordinal',
        domain: controllers,
        range: controllers.map((_, index) => blockColor(index)),
      },
    ],
    axes: [
      { scale: 'step', orient: 'bottom', title: 'training step', tickMinStep: 1, format: 'd' },
      {
        scale: 'loss',
        orient: 'left',
        grid: true,
        title: window === 1 ? yTitle : `${yTitle}, mean of ${window} steps`,
      },
    ],
    legends: [{ stroke: 'controller', symbolType: 'stroke', symbolStrokeWidth: 3, title: 'controller' }],
    marks: [
      ...levelMarks(levels, PICTURE, 'loss'),
      {
        type: 'group',
        from: { facet: { name: 'curves', data: 'points', groupby: 'curve' } },
        marks: [
          {
            type: 'line',
            from: { data: 'curves' },
            encode: {
              enter: {
                x: { scale: 'step', field: 'step' },
                y: { scale: 'loss', field: 'loss' },
                stroke: { scale: 'controller', field: 'controller' },
                strokeWidth: { value: 1.75 },
                strokeJoin: { value: 'round' },
                defined: { signal: 'isValid(datum.loss) && isFinite(datum.loss)' },
              },
            },
          },
        ],
      },
    ],
  };
}
