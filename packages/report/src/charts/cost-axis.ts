/** The horizontal axis of loss curves: steps, tokens, seconds or operations, as the reader chooses. */
import type { Axis, Scale, Signal } from 'vega';
import { shortLabels, type ChartSwitch } from './chart.js';

export type Cost = 'step' | 'tokens' | 'seconds' | 'flops';

const TITLES: Readonly<Record<Cost, string>> = {
  step: 'training step',
  tokens: 'training tokens',
  seconds: 'seconds of training on this machine',
  flops: 'training FLOPs, counted by the ledger',
};
const LABELS: Readonly<Record<Cost, string>> = {
  step: 'steps',
  tokens: 'tokens',
  seconds: 'seconds',
  flops: 'FLOPs',
};

/** @param costs those that are known */
export function costSwitch(costs: readonly Cost[]): ChartSwitch {
  return {
    signal: 'cost',
    label: 'Loss against',
    options: costs.map((value) => ({ value, label: LABELS[value] })),
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

export const costAxis: Axis = {
  scale: 'x',
  orient: 'bottom',
  title: { signal: `${JSON.stringify(TITLES)}[cost]` },
  encode: shortLabels,
  tickCount: { signal: 'ceil(width / 90)' },
  labelOverlap: true,
};
