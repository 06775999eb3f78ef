/** Fewer points for a picture: what a screen cannot show apart is put together, and pages say so. */
import { largest, smallest } from '@ligature/core';
import type { StepPoint } from './run-trace.js';

/** Steps `from` to `step`, put together. */
export interface LossBin {
  readonly from: number;
  /** The last step; costs are those up to it. */
  readonly step: number;
  readonly tokens: number;
  readonly seconds: number;
  readonly flops: number;
  /** Mean, smallest and largest loss of the steps; `null` when none of them is finite. */
  readonly loss: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** Steps that one point of a curve of at most `most` points stands for. */
export function binSize(steps: number, most: number): number {
  return Math.max(1, Math.ceil(steps / Math.max(1, most)));
}

/** Means over stretches of `size` steps; the last stretch may be shorter. */
export function binLosses(steps: readonly StepPoint[], size: number): LossBin[] {
  return Array.from({ length: Math.ceil(steps.length / size) }, (_, index) => {
    const bin = steps.slice(index * size, (index + 1) * size);
    const [first, last] = [bin[0] as StepPoint, bin[bin.length - 1] as StepPoint];
    // JSON has null for numbers that are not finite.
    const losses = bin.flatMap(({ loss }) => (Number.isFinite(loss) ? [loss] : []));
    const none = losses.length === 0;
    return {
      from: first.step,
      step: last.step,
      tokens: last.tokens,
      seconds: last.seconds,
      flops: last.flops,
      loss: none ? null : losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
      low: none ? null : smallest(losses),
      high: none ? null : largest(losses),
    };
  });
}

/** Means over the last `width` values, missing ones left out. */
export function smoothed(values: readonly (number | null)[], width: number): (number | null)[] {
  let sum = 0;
  let count = 0;
  return values.map((value, index) => {
    if (value !== null) {
      sum += value;
      count += 1;
    }
    const gone = index >= width ? values[index - width] : null;
    if (gone != null) {
      sum -= gone;
      count -= 1;
    }
    return count === 0 ? null : sum / count;
  });
}

/** At most `most` of the items, evenly spread, the last one among them. */
export function everyNth<T>(items: readonly T[], most: number): { kept: T[]; every: number } {
  const every = Math.max(1, Math.ceil(items.length / Math.max(1, most)));
  return { kept: items.filter((_, index) => index % every === 0 || index === items.length - 1), every };
}

/** Six significant digits: more than a picture shows, and a third of the bytes. */
export function short(value: number): number {
  return Number(value.toPrecision(6));
}
