/** The horizontal axis of loss curves: steps, tokens (or what else a task counts), seconds or operations. */
import type { Axis, Scale, Signal } from 'vega';
import { shortLabels, type ChartSwitch } from './chart.js';

export type Cost = 'step' | 'tokens' | 'seconds' | 'flops';

const titles = (unit: string): Readonly<Record<Cost, string>> => ({
  step: 'training step',
  tokens: `training ${unit}`,
  seconds: 'seconds of training on this machine',
  flops: 'training FLOPs, counted by the ledger',
});
const labels = (unit: string): Readonly<Record<Cost, string>> => ({
  step: 'steps',
  tokens: unit,
  seconds: 'seconds',
  flops: 'FLOPs',
});

/**
 * @param costs those that are known
 * @param unit what `tokens` counts
 */
export function costSwitch(costs: readonly Cost[], unit: string): ChartSwitch {
  const names = labels(unit);
  return {
    signal: 'cost',
    label: 'Loss against',
    options: costs.map((value) => ({ value, label: names[value] })),
  };
}

export const costSignal = (first: Cost): Signal => ({ name: 'cost', value: first });

/** Adds `x` to every row of a data set. */
export const costTransform = { type: 'formula' as const, as: 'x', expr: 'datum[cost]' };

export const costScale = (data: string): Scale => ({
  name: 'x',
  type: 'linear',
  domain: { data, field: 'x' },
  range: 'width',
  nice: false,
  zero: true,
});

export const costAxis = (unit: string): Axis => ({
  scale: 'x',
  orient: 'bottom',
  title: { signal: `${JSON.stringify(titles(unit))}[cost]` },
  encode: shortLabels,
  tickCount: { signal: 'ceil(width / 90)' },
  labelOverlap: true,
});
