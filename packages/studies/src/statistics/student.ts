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
  /** `null` when all numbers are zero. */
  readonly t: number | null;
  readonly degreesOfFreedom: number;
  /** Two-sided. 1 when all numbers are zero. */
  readonly p: number;
  /** Mean over standard deviation: Cohen's d of paired differences, d_z. `null` when all are zero. */
  readonly cohensD: number | null;
  /** The same without its bias in small samples (Hedges 1981, with gamma functions). `null` below three numbers. */
  readonly hedgesG: number | null;
}

/** Numbers as they were measured: single precision has 24 bits, and sums over a split lose a few of them. */
const MEASURED_BITS = 20;

/**
 * Below which a standard deviation is no noise of seeds but rounding: two differences that agree to the last digit would
 * otherwise be told from zero with any certainty.
 *
 * @param values the measurements, not their differences
 */
export const resolutionOf = (values: readonly number[]): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) * 2 ** -MEASURED_BITS;

/**
 * @param values at least two; the differences of a paired test
 * @param resolution a floor under their standard deviation (see {@link resolutionOf}); left out: that of the values themselves
 */
export function oneSampleTest(
  values: readonly number[],
  resolution: number = resolutionOf(values),
): OneSampleTest {
  const n = values.length;
  const degreesOfFreedom = n - 1;
  const deviation = Math.max(sampleStandardDeviation([...values]), resolution);
  if (values.every((value) => value === 0) || deviation === 0) {
    return { t: null, degreesOfFreedom, p: 1, cohensD: null, hedgesG: null };
  }
  const cohensD = mean([...values]) / deviation;
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

/**
 * Two one-sided tests that a mean lies within ± margin: the p of the claim is the larger one of the two (Schuirmann 1987,
 * Journal of Pharmacokinetics and Biopharmaceutics 15(6), 657–680).
 *
 * @param values at least two
 * @param margin above zero, named before the numbers were seen
 * @param resolution as for {@link oneSampleTest}
 */
export function equivalenceTest(
  values: readonly number[],
  margin: number,
  resolution: number = resolutionOf(values),
): number {
  const deviation = Math.max(sampleStandardDeviation([...values]), resolution);
  const room = margin - Math.abs(mean([...values]));
  // Nothing varies and nothing was measured: as far inside or outside as can be.
  if (deviation === 0) return room > 0 ? 0 : 1;
  return cumulative((-room * Math.sqrt(values.length)) / deviation, values.length - 1);
}

/** J(m) = gamma(m/2) / (sqrt(m/2) gamma((m-1)/2)): Hedges (1981), Journal of Educational Statistics 6(2), eq. 6e. */
function biasCorrection(degreesOfFreedom: number): number {
  const half = degreesOfFreedom / 2;
  return Math.exp(gammaln(half) - gammaln(half - 0.5)) / Math.sqrt(half);
}
