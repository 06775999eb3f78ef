/** Means with their intervals, one below the other: of losses, and of differences from the control. */
import type { ComparisonStatistics } from '@ligature/studies';
import { formatQuantity, quantities } from '../format.js';
import { PAGE, pageSpec, seriesColor, type Chart } from './chart.js';

interface IntervalRow {
  readonly label: string;
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
  /** Single measurements, drawn as small points. */
  readonly values: readonly number[];
  readonly finding: string;
}

interface IntervalView {
  readonly id: string;
  readonly title: string;
  readonly alt: string;
  readonly note: string;
  readonly axis: string;
  /** A line at zero. */
  readonly zero?: boolean;
}

export function intervalChart(rows: readonly IntervalRow[], view: IntervalView): Chart {
  const { id, title, alt, note, axis, zero = false } = view;
  const labels = rows.map(({ label }) => label);
  const y = { scale: 'y', field: 'label', band: 0.5 };
  const values = rows.flatMap(({ label, values: all }) => all.map((value) => ({ label, value })));
  return {
    id,
    title,
    alt,
    notes: [note],
    spec: pageSpec(title, {
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
                    stroke: { value: PAGE.ink },
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
              stroke: { value: PAGE.ink },
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
    }),
  };
}

type Measured = ReadonlyMap<string, readonly number[]>;

/** Test losses by controller. */
export function meansChart(
  { means, confidence }: ComparisonStatistics,
  measured: Measured,
): Chart | undefined {
  if (means.length === 0) return undefined;
  const level = `${Math.round(confidence * 100)} %`;
  return intervalChart(
    means.map(({ controller, mean, low, high }) => ({
      ...{ label: controller, mean, low, high, finding: '' },
      values: measured.get(controller) ?? [],
    })),
    {
      id: 'means',
      title: 'Test loss',
      alt:
        means
          .map(({ controller, mean }) => `${controller} ${formatQuantity(mean, quantities.nats)}`)
          .join(', ') + ' nats per token.',
      note: `Points: means over seeds; strokes: the seeds; bars: ${level} intervals of Student's t. Seeds share text and initialization, so intervals that overlap may still differ: see the differences.`,
      axis: 'test nats per token',
    },
  );
}

/** Differences from the control, seed by seed. */
export function differencesChart({
  againstControl,
  control,
  confidence,
}: ComparisonStatistics): Chart | undefined {
  const rows = againstControl.flatMap(({ controller, differences, interval, finding }) =>
    interval === null || differences.length === 0
      ? []
      : [
          {
            label: controller,
            mean: interval.mean,
            low: interval.low,
            high: interval.high,
            values: differences,
            finding,
          },
        ],
  );
  if (rows.length === 0) return undefined;
  const level = `${Math.round(confidence * 100)} %`;
  return intervalChart(rows, {
    id: 'differences',
    title: `Differences from ${control}`,
    alt:
      rows.map(({ label, mean }) => `${label} ${formatQuantity(mean, quantities.nats)}`).join(', ') +
      ` nats more than ${control}.`,
    note: `Test loss minus that of the control, seed by seed; left of zero is better. Bars: ${level} intervals, not corrected for how many there are; the findings of the table are.`,
    axis: `nats minus ${control}`,
    zero: true,
  });
}
