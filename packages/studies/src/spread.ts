import { mean, sampleStandardDeviation } from 'simple-statistics';
import type { Spread } from './results.js';

/** Mean and sample standard deviation (n - 1) of one number over seeds. */
export function spreadOf(values: readonly number[]): Spread {
  return {
    mean: mean([...values]),
    standardDeviation: values.length > 1 ? sampleStandardDeviation([...values]) : null,
    values,
  };
}
