import { mean, sampleStandardDeviation } from 'simple-statistics';

/** Mean over the seeds that have a finite number, with their sample standard deviation when there are at least two. */
export interface Spread {
  /** NaN without a finite number. */
  readonly mean: number;
  readonly standardDeviation: number | null;
  /** All of them, also those that are not finite: a trial that diverged hides no other. */
  readonly values: readonly number[];
}

/** Mean and sample standard deviation (n - 1) of one number over seeds. */
export function spreadOf(values: readonly number[]): Spread {
  const finite = values.filter(Number.isFinite);
  return {
    mean: finite.length > 0 ? mean(finite) : Number.NaN,
    standardDeviation: finite.length > 1 ? sampleStandardDeviation(finite) : null,
    values,
  };
}
