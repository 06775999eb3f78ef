import { mean, sampleStandardDeviation } from 'simple-statistics';

/** Mean over seeds, with the sample standard deviation when there are at least two. */
export interface Spread {
  readonly mean: number;
  readonly standardDeviation: number | null;
  readonly values: readonly number[];
}

/** Mean and sample standard deviation (n - 1) of one number over seeds. */
export function spreadOf(values: readonly number[]): Spread {
  return {
    mean: mean([...values]),
    standardDeviation: values.length > 1 ? sampleStandardDeviation([...values]) : null,
    values,
  };
}
