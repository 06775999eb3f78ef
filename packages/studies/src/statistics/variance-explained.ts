/**
 * How much of the variance of numbers their groups explain: eta squared, SS_between / SS_total, and epsilon squared
 * (Kelley 1935, PNAS 21(9), 554–559), (SS_between - (k - 1) MS_within) / SS_total, which does not grow with the number
 * of groups by chance alone.
 */
import { mean } from 'simple-statistics';

export interface VarianceExplained {
  /** 0..1; `null` when all numbers are equal. */
  readonly etaSquared: number | null;
  /** At most eta squared, may be below zero; `null` also when every number is a group of its own. */
  readonly epsilonSquared: number | null;
}

export function varianceExplained(groups: readonly (readonly number[])[]): VarianceExplained {
  const filled = groups.filter((group) => group.length > 0);
  const all = filled.flat();
  if (all.length === 0) return { etaSquared: null, epsilonSquared: null };
  const squares = (values: readonly number[], center: number): number =>
    values.reduce((sum, value) => sum + (value - center) ** 2, 0);
  const total = squares(all, mean(all));
  if (total === 0) return { etaSquared: null, epsilonSquared: null };
  const within = filled.reduce((sum, group) => sum + squares(group, mean([...group])), 0);
  const between = total - within;
  const freedom = all.length - filled.length;
  return {
    etaSquared: between / total,
    epsilonSquared: freedom === 0 ? null : (between - ((filled.length - 1) * within) / freedom) / total,
  };
}
