/**
 * What a paired t test could have shown: its power, the smallest effect that it shows with a given power, the seeds that
 * an effect needs. All of it before or beside a test, never instead of one (Hoenig & Heisey 2001, The American
 * Statistician 55(1): power at the *observed* effect is the p-value said again; power at a named effect is not).
 */
import chiSquare from '@stdlib/stats-base-dists-chisquare-cdf';
import quantile from '@stdlib/stats-base-dists-t-quantile';

/** Power by which sensitivity and numbers of seeds are stated: Cohen's convention (1988, Statistical Power Analysis, 2.4). */
export const POWER = 0.8;

/** Beyond so many seeds a number of them is no advice any more. */
export const MOST_SEEDS = 10_000;

/**
 * P(T <= t) of noncentral Student's t, (Z + delta) / S with S² = chi²(freedom) / freedom independent of Z, as the mean
 * over Z of P(S >= (Z + delta) / t), t > 0. The trapezoidal rule converges exponentially for such integrands (Trefethen
 * & Weideman 2014, SIAM Review 56(3)) if its step is small against the width of either factor; and nothing underflows
 * where delta is in the hundreds, as it is with one degree of freedom, which series of exp(-delta²/2) do.
 */
function atMost(t: number, freedom: number, delta: number): number {
  const width = t / Math.sqrt(2 * freedom);
  const step = Math.min(0.05, width / 2);
  let sum = 0;
  for (let z = -8; z <= 8; z += step) {
    const s = (z + delta) / t;
    sum += Math.exp((-z * z) / 2) * (s <= 0 ? 1 : 1 - chiSquare(freedom * s * s, freedom));
  }
  return (sum * step) / Math.sqrt(2 * Math.PI);
}

/**
 * Probability that a two-sided paired t test at `level` calls a true difference real.
 *
 * @param effect true mean difference over the standard deviation of the differences
 * @param n pairs, at least two
 * @param level of the test, 0..1
 */
export function powerOf(effect: number, n: number, level: number): number {
  const critical = quantile(1 - level / 2, n - 1);
  const delta = Math.abs(effect) * Math.sqrt(n);
  // T <= -critical is -T >= critical, and -T has the noncentrality -delta.
  const wrongSide = 1 - atMost(critical, n - 1, -delta);
  return 1 - atMost(critical, n - 1, delta) + wrongSide;
}

/** The smallest effect, in standard deviations of the differences, that `n` pairs show with this power. */
export function detectableEffect(n: number, level: number, power: number = POWER): number {
  const short = (effect: number): number => powerOf(effect, n, level) - power;
  // Where the critical value lies is a first guess of where half of the power is.
  let high = (quantile(1 - level / 2, n - 1) + 1) / Math.sqrt(n);
  while (short(high) < 0) high *= 2;
  let low = 0;
  let [below, above] = [level - power, short(high)];
  // Regula falsi, halving the weight of an end that stays (Dowell & Jarratt 1971, BIT 11): a few evaluations, not thirty.
  for (let kept = 0; high - low > 1e-7 * high && above > 1e-9;) {
    const middle = (low * above - high * below) / (above - below);
    const at = short(middle);
    if (at < 0) {
      [low, below] = [middle, at];
      if (kept > 0) above /= 2;
      kept = 1;
    } else {
      [high, above] = [middle, at];
      if (kept < 0) below /= 2;
      kept = -1;
    }
  }
  return high;
}

/**
 * The fewest pairs that show an effect with this power; `Infinity` above `MOST_SEEDS`.
 *
 * @param fewest pairs below which nothing is tested
 */
export function pairsFor(effect: number, level: number, fewest = 2, power: number = POWER): number {
  const enough = (n: number): boolean => powerOf(effect, n, level) >= power;
  let [low, high] = [fewest - 1, fewest];
  while (!enough(high)) {
    if (high >= MOST_SEEDS) return Infinity;
    [low, high] = [high, Math.min(MOST_SEEDS, 2 * high)];
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return high;
}
