/** Loss of one run: every step or stretches of steps, their running mean, and the validations on the way. */
import type { MeasuredFloor } from '@ligature/core';
import { floorLevels, metricName } from '@ligature/studies';
import { binLosses, binSize, short, smoothed } from '../trace/thin.js';
import { isBesideLoss, type RunTrace } from '../trace/run-trace.js';
import { hoverBands, PAGE, pageSpec, seriesColor, type Chart } from './chart.js';
import { costAxis, costScale, costSignal, costSwitch, costTransform, type Cost } from './cost-axis.js';
import { levelMarks, levelsNote, levelValues } from './levels.js';

const POINTS = 700;
const COSTS: readonly Cost[] = ['tokens', 'step', 'seconds', 'flops'];

export function runLossChart(trace: RunTrace, floors: readonly MeasuredFloor[] = []): Chart | undefined {
  const { steps, evaluations, plannedSteps, unit, lossUnit, metrics: known } = trace;
  const levels = floorLevels(floors, { metrics: known, lossUnit });
  const size = binSize(steps.length, POINTS);
  const bins = binLosses(steps, size);
  const last = bins.at(-1);
  if (last === undefined) return undefined;
  const width = Math.max(1, Math.round(bins.length / 40));
  const means = smoothed(
    bins.map(({ loss }) => loss),
    width,
  );
  const rounded = (value: number | null | undefined): number | null =>
    value === null || value === undefined ? null : short(value);
  const points = bins.map((bin, index) => ({
    from: bin.from,
    step: bin.step,
    tokens: bin.tokens,
    seconds: short(bin.seconds),
    flops: short(bin.flops),
    loss: rounded(bin.loss),
    ...(size > 1 && { low: rounded(bin.low), high: rounded(bin.high) }),
    mean: rounded(means[index]),
  }));
  const beside = known.find((one) => isBesideLoss(one, lossUnit));
  const isOfBest = evaluations.some(({ weightsOf }) => weightsOf !== undefined);
  const validations = evaluations.flatMap(({ step: at, split, metrics, weightsOf }) => {
    const step = weightsOf ?? at;
    const value = beside === undefined ? undefined : metrics[beside.name];
    // The costs of the step at which it was measured; the test split is measured once, at the end.
    const bin = points[Math.min(points.length - 1, Math.max(0, Math.ceil(step / size) - 1))];
    if (split !== 'validation' || value === undefined || value === null || bin === undefined) return [];
    const { tokens, seconds, flops } = step === 0 ? { tokens: 0, seconds: 0, flops: 0 } : bin;
    const others = known.flatMap((one) => {
      const found = metrics[one.name];
      return one === beside || found === undefined || found === null
        ? []
        : [`${metricName(one)} ${short(found)}`];
    });
    const whole = isOfBest ? weightsOf !== undefined : step >= plannedSteps;
    return [{ step, tokens, seconds, flops, value: short(value), others: others.join(', ') || '–', whole }];
  });
  const stretch = size === 1 ? 'every step' : `means of ${size} steps each, the band from lowest to highest`;
  const bold = width * size === 1 ? '' : ` Bold: running mean over ${width * size} steps.`;
  const x = { scale: 'x', field: 'x' };
  const valid = (field: string) => ({ signal: `isValid(datum.${field})` });
  return {
    id: 'loss',
    title: 'Loss',
    alt:
      `Training loss from ${points[0]?.mean ?? 'unknown'} at the beginning to ${last.loss === null ? 'unknown' : (rounded(means.at(-1)) ?? 'unknown')} ` +
      `${lossUnit} after ${last.step} steps, with ${validations.length} validations.`,
    notes: [
      `Thin: training loss before each update, ${stretch}.${bold} Points: validation loss; the hollow ones were ` +
        `measured on a few batches, the full one on the whole split, so they need not lie on one line.${isOfBest ? ' It stands at the step whose weights were measured at the end.' : ''}${levelsNote(levels)}`,
    ],
    switches: [costSwitch(COSTS, unit)],
    spec: pageSpec('Training and validation loss', {
      height: 300,
      signals: [costSignal('tokens')],
      data: [
        {
          name: 'points',
          values: points,
          transform: [costTransform, { type: 'window', ops: ['lag'], fields: ['x'], as: ['before'] }],
        },
        { name: 'validations', values: validations, transform: [costTransform] },
      ],
      scales: [
        costScale('points'),
        {
          name: 'y',
          type: 'linear',
          domain: {
            fields: [
              { data: 'points', field: size === 1 ? 'loss' : 'low' },
              { data: 'points', field: size === 1 ? 'loss' : 'high' },
              { data: 'validations', field: 'value' },
              ...levelValues(levels),
            ],
          },
          range: 'height',
          nice: true,
          zero: false,
        },
      ],
      axes: [costAxis(unit), { scale: 'y', orient: 'left', grid: true, title: lossUnit, tickCount: 6 }],
      marks: [
        ...levelMarks(levels, PAGE),
        ...(size === 1
          ? []
          : [
              {
                type: 'area' as const,
                from: { data: 'points' },
                encode: {
                  update: {
                    x,
                    y: { scale: 'y', field: 'low' },
                    y2: { scale: 'y', field: 'high' },
                    defined: valid('low'),
                    fill: { value: seriesColor(0) },
                    fillOpacity: { value: 0.12 },
                  },
                },
              },
            ]),
        ...(
          [
            ['loss', 1, 0.4],
            ['mean', 2.25, 1],
          ] as const
        ).map(([field, strokeWidth, opacity]) => ({
          type: 'line' as const,
          from: { data: 'points' },
          encode: {
            update: {
              x,
              y: { scale: 'y', field },
              defined: valid(field),
              stroke: { value: seriesColor(0) },
              strokeWidth: { value: strokeWidth },
              strokeOpacity: { value: opacity },
              strokeJoin: { value: 'round' as const },
            },
          },
        })),
        hoverBands(
          'hover-steps',
          'points',
          x,
          "{title: datum.from === datum.step ? 'step ' + datum.step : 'steps ' + datum.from + ' to ' + datum.step, " +
            "loss: isValid(datum.loss) ? format(datum.loss, '.4f') : 'not finite', " +
            "'running mean': isValid(datum.mean) ? format(datum.mean, '.4f') : 'not finite', " +
            `${JSON.stringify(unit)}: format(datum.tokens, ',d'), ` +
            "seconds: format(datum.seconds, '.2f'), FLOPs: format(datum.flops, '.3s')}",
        ),
        {
          type: 'symbol',
          name: 'validation-points',
          from: { data: 'validations' },
          encode: {
            update: {
              x,
              y: { scale: 'y', field: 'value' },
              size: { value: 60 },
              stroke: { value: seriesColor(5) },
              strokeWidth: { value: 2 },
              fill: { signal: `datum.whole ? '${seriesColor(5)}' : 'var(--panel)'` },
              tooltip: {
                signal:
                  `{title: 'validation at step ' + datum.step, ${JSON.stringify(beside ? metricName(beside) : 'value')}: format(datum.value, '.4f'), ` +
                  "besides: datum.others, measured: datum.whole ? 'whole split' : 'a few batches'}",
              },
            },
          },
        },
      ],
    }),
  };
}
