/** The charts of a comparison, in reading order. */
import type { DocumentBlock, DocumentChart, MetricSpec } from '@ligature/core';
import { intervalChart } from '../presentation/interval-chart.js';
import { amount, metricAxis, metricHeading, metricName } from '../statistics/wording.js';
import { memoryChart } from './memory-chart.js';
import { paretoChart } from './pareto-chart.js';
import type { Comparison } from './types.js';

const primaryOf = ({ task }: Comparison): MetricSpec => task.metrics[0] as MetricSpec;

export function charts(comparison: Comparison): DocumentBlock[] {
  const { rows, trials, ids, task } = comparison;
  if (rows.length === 0) return [];
  const loss: DocumentChart = {
    kind: 'chart',
    id: 'loss',
    title: 'Training loss',
    alt: `Training loss of ${rows.length} controllers.`,
    notes: [],
    file: 'loss.svg',
    drawing: {
      kind: 'loss',
      yTitle: task.lossUnit,
      curves: trials.map(({ controller, seed, tokens, losses }, index) => ({
        ...{ trial: ids[index] as string, label: controller, seed, tokens, losses },
      })),
    },
  };
  return [
    meansChart(comparison),
    differencesChart(comparison),
    paretoChart(comparison),
    loss,
    memoryChart(comparison),
  ].filter((chart) => chart !== undefined);
}

/** The primary metric by controller. */
function meansChart(comparison: Comparison): DocumentChart | undefined {
  const { statistics: found, rows, task } = comparison;
  const { means, confidence } = found;
  if (means.length === 0) return undefined;
  const primary = primaryOf(comparison);
  const axis = metricAxis(primary, task.lossUnit);
  return intervalChart(
    means.map(({ controller, mean, low, high }) => ({
      ...{ label: controller, mean, low, high, finding: '' },
      values: rows.find((row) => row.controller === controller)?.test[primary.name]?.values ?? [],
    })),
    {
      id: 'means',
      title: `Test ${metricName(primary)}`,
      alt: `${means.map(({ controller, mean }) => `${controller} ${amount(mean, { unit: '' })}`).join(', ')} ${axis}.`,
      note: `Points: means over seeds; strokes: the seeds; bars: ${percent(confidence)} intervals of Student's t. Seeds share text and initialization, so intervals that overlap may still differ: see the differences.`,
      axis: `test ${axis}`,
    },
  );
}

/** Differences from the control, seed by seed. */
function differencesChart(comparison: Comparison): DocumentChart | undefined {
  const { againstControl, control, confidence } = comparison.statistics;
  const rows = againstControl.flatMap(({ controller, differences, interval, finding }) => {
    if (interval === null || differences.length === 0) return [];
    const { mean, low, high } = interval;
    return [{ label: controller, mean, low, high, values: differences, finding }];
  });
  if (rows.length === 0) return undefined;
  const primary = primaryOf(comparison);
  const unit = metricHeading(primary);
  return intervalChart(rows, {
    id: 'differences',
    title: `Differences from ${control}`,
    alt: `${rows.map(({ label, mean }) => `${label} ${mean.toFixed(3)}`).join(', ')} ${unit} more than ${control}.`,
    note: `Test ${metricName(primary)} minus that of the control, seed by seed; ${primary.better === 'lower' ? 'left' : 'right'} of zero is better. Bars: ${percent(confidence)} intervals, not corrected for how many there are; the findings of the table are.`,
    axis: `${unit} minus ${control}`,
    zero: true,
  });
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;
