/**
 * A curve of bounded length, however long the run: when it is full, neighbours are merged into their mean and from
 * then on each point stands for twice as many values. What it holds depends on the values only, not on how they came.
 */
import type { Curve } from './wire.js';

interface Bucket {
  /** Of the last value. */
  readonly step: number;
  readonly sum: number;
  readonly count: number;
}

const merge = (a: Bucket, b: Bucket): Bucket => ({
  step: b.step,
  sum: a.sum + b.sum,
  count: a.count + b.count,
});

/** Groups of `size` neighbours become one; the last group may be smaller. */
const grouped = (buckets: readonly Bucket[], size: number): Bucket[] =>
  Array.from({ length: Math.ceil(buckets.length / size) }, (_, at) =>
    buckets.slice(at * size, (at + 1) * size).reduce(merge),
  );

export class ThinnedCurve {
  private buckets: Bucket[] = [];
  /** Values that make a point full. */
  private stride = 1;

  /** @param capacity most points that are held */
  constructor(private readonly capacity = 1024) {}

  add(step: number, value: number | null | undefined): void {
    if (value == null || !Number.isFinite(value)) return;
    const next = { step, sum: value, count: 1 };
    const last = this.buckets.at(-1);
    if (last && last.count < this.stride) {
      this.buckets[this.buckets.length - 1] = merge(last, next);
      return;
    }
    if (this.buckets.length === this.capacity) {
      this.buckets = grouped(this.buckets, 2);
      this.stride *= 2;
      this.add(step, value);
      return;
    }
    this.buckets.push(next);
  }

  /** What came after that step did not happen. */
  dropAfter(step: number): void {
    this.buckets = this.buckets.filter((bucket) => bucket.step <= step);
  }

  /** At most so many points, each the mean of the values since the one before. */
  points(most: number): Curve {
    const few = grouped(this.buckets, Math.max(1, Math.ceil(this.buckets.length / Math.max(1, most))));
    return { steps: few.map(({ step }) => step), values: few.map(({ sum, count }) => sum / count) };
  }
}
