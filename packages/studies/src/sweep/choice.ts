/** Which configuration a sweep chooses, and how surely it is ahead of the others. */
import { largest } from '@ligature/core';
import { CONFIDENCE } from '../statistics/comparison-statistics.js';
import { holmCorrected } from '../statistics/holm.js';
import { pairedDifference, type PairedDifference } from '../statistics/paired.js';
import type { SweepChoice, SweepObjective, SweepRow } from './types.js';

/** @param rows best first */
export function choiceOf(rows: readonly SweepRow[], objective: SweepObjective): SweepChoice | null {
  // A mean over other seeds than the others', because some of its trials failed, is not comparable with theirs.
  const most = Math.max(0, largest(rows.map(({ seeds }) => seeds.length)));
  const ranked = rows.filter((row) => Number.isFinite(row.objective.mean) && row.seeds.length === most);
  const [best, second] = ranked;
  if (best === undefined) return null;
  const others = ranked.slice(1).map((row) => ({ id: row.id, pair: difference(best, row) }));
  const tested = others.filter(({ pair }) => pair.test !== null);
  const corrected = holmCorrected(tested.map(({ pair }) => pair.test?.p ?? 1));
  const ahead = ({ interval }: PairedDifference): boolean =>
    interval !== null && (objective.goal === 'minimize' ? interval.mean < 0 : interval.mean > 0);
  return {
    id: best.id,
    second: second?.id ?? null,
    difference: others[0]?.pair ?? null,
    shownWorse: tested
      .filter(({ pair }, index) => ahead(pair) && (corrected[index] as number) < 1 - CONFIDENCE)
      .map(({ id }) => id),
  };
}

function difference(a: SweepRow, b: SweepRow): PairedDifference {
  const series = ({ id, seeds, objective }: SweepRow) => ({
    controller: `#${id}`,
    seeds,
    values: objective.values,
  });
  return pairedDifference(series(a), series(b), CONFIDENCE);
}
