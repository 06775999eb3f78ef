/** Student's t for the mean of a few numbers: interval, test and standardized size. Distributions: @stdlib. */
import cumulative from '@stdlib/stats-base-dists-t-cdf';
import quantile from '@stdlib/stats-base-dists-t-quantile';
import { gammaln, mean, sampleStandardDeviation } from 'simple-statistics';

/** Mean of some numbers with its confidence interval; `null` where one number alone gives none. */
export interface MeanInterval {
  readonly n: number;
  readonly mean: number;
  /** Sample standard deviation (n - 1). */
  readonly standardDeviation: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/**
 * Mean and its two-sided interval, `mean ± t(n - 1) s / sqrt(n)`.
 *
 * @param values at least one
 * @param level of confidence, 0..1
 */
export function meanInterval(values: readonly number[], level: number): MeanInterval {
  const n = values.length;
  const center = mean([...values]);
  if (n < 2) return { n, mean: center, standardDeviation: null, low: null, high: null };
  const deviation = sampleStandardDeviation([...values]);
  const half = (quantile((1 + level) / 2, n - 1) * deviation) / Math.sqrt(n);
  return { n, mean: center, standardDeviation: deviation, low: center - half, high: center + half };
}

/** Test of the hypothesis that numbers were drawn around zero, and how far from zero they are. */
export interface OneSampleTest {
  /** `null` when all numbers are equal. */
  readonly t: number | null;
  readonly degreesOfFreedom: number;
  /** Two-sided. 1 when all numbers are zero, 0 when all are the same other number. */
  readonly p: number;
  /** Mean over standard deviation: Cohen's d of paired differences, d_z. `null` when all are equal. */
  readonly cohensD: number | null;
  /** The same without its bias in small samples (Hedges 1981, with gamma functions). `null` below three numbers. */
  readonly hedgesG: number | null;
}

/** @param values at least two; the differences of a paired test */
export function oneSampleTest(values: readonly number[]): OneSampleTest {
  const n = values.length;
  const degreesOfFreedom = n - 1;
  const center = mean([...values]);
  const deviation = sampleStandardDeviation([...values]);
  if (deviation === 0) {
    return { t: null, degreesOfFreedom, p: center === 0 ? 1 : 0, cohensD: null, hedgesG: null };
  }
  const cohensD = center / deviation;
  const t = cohensD * Math.sqrt(n);
  return {
    t,
    degreesOfFreedom,
    p: 2 * cumulative(-Math.abs(t), degreesOfFreedom),
    cohensD,
    // With one degree of freedom the correction is zero, which would say that there is no effect.
    hedgesG: degreesOfFreedom < 2 ? null : cohensD * biasCorrection(degreesOfFreedom),
  };
}

/** J(m) = gamma(m/2) / (sqrt(m/2) gamma((m-1)/2)): Hedges (1981), Journal of Educational Statistics 6(2), eq. 6e. */
function biasCorrection(degreesOfFreedom: number): number {
  const half = degreesOfFreedom / 2;
  return Math.exp(gammaln(half) - gammaln(half - 0.5)) / Math.sqrt(half);
}
