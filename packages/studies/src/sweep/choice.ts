/** Which configuration a sweep chooses, and how surely it is ahead of the others. */
import { judge, type Judgement } from '../statistics/findings.js';
import { evidenceOf, pairedDifference, type SeededValues } from '../statistics/paired.js';
import type { SweepChoice, SweepObjective, SweepRow } from './types.js';

/**
 * A mean over other seeds than the others', because some of its trials failed or are still to come, is not comparable
 * with theirs: only configurations with every planned seed are ranked.
 *
 * @param rows best first
 * @param planned the seeds of every configuration
 * @param margin in units of the objective
 */
export function choiceOf(
  rows: readonly SweepRow[],
  { goal }: SweepObjective,
  planned: readonly number[],
  margin: number | null,
): SweepChoice | null {
  const [best, ...others] = rows.filter((row) => isWhole(row, planned.length));
  if (best === undefined) return null;
  const better = goal === 'minimize' ? ('lower' as const) : ('higher' as const);
  const pairs = others.map((row) => pairedDifference(seriesOf(best), seriesOf(row), planned));
  // One question was asked before it was known who is second.
  const against = judge(
    pairs.map((pair, index) => evidenceOf(pair, seriesOf(best), seriesOf(others[index] as SweepRow))),
    { better, margin },
  );
  const [first] = pairs;
  return {
    id: best.id,
    second: others[0]?.id ?? null,
    difference: first ? { ...first, ...(against[0] as Judgement) } : null,
    shownWorse: others.filter((_, index) => against[index]?.finding === better).map(({ id }) => id),
    shownEquivalent: others
      .filter((_, index) => against[index]?.finding === 'equivalent')
      .map(({ id }) => id),
    margin,
  };
}

/** Whether every planned seed gave a finite objective. */
export const isWhole = ({ objective }: SweepRow, planned: number): boolean => objective.n === planned;

const seriesOf = ({ id, seeds, objective }: SweepRow): SeededValues => ({
  controller: `#${id}`,
  seeds,
  values: objective.values,
});
