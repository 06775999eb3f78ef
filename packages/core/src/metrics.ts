/** Directions of metrics: the only place where "better" becomes a sign. */
import type { MetricSpec } from './contracts/metrics.js';

type Direction = Pick<MetricSpec, 'better'>;

/**
 * How much better `after` is than `before`, positive for an improvement whatever the metric's direction. (The official
 * code rewards its vision transformer with minus the accuracy, and so for getting worse.)
 */
export const improvement = ({ better }: Direction, before: number, after: number): number =>
  better === 'lower' ? before - after : after - before;

/** Whether `a` is better than `b`; equal values, and NaN, are not. */
export const isBetter = (metric: Direction, a: number, b: number): boolean => improvement(metric, b, a) > 0;
