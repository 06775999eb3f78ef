/** The Pareto front of two numbers, a cost that is to be low and a value that is to be low or high: what nothing else beats. */
import type { MetricSpec } from '@ligature/core';

export interface ParetoPoint {
  readonly cost: number;
  readonly value: number;
}

/** For each point whether none has both numbers at least as good and one of them better. Equal points are on it together. */
export function paretoFront(
  given: readonly ParetoPoint[],
  better: MetricSpec['better'] = 'lower',
): boolean[] {
  const points = better === 'lower' ? given : given.map(({ cost, value }) => ({ cost, value: -value }));
  const order = points
    .map((_, index) => index)
    .sort((a, b) => {
      const one = points[a] as ParetoPoint;
      const other = points[b] as ParetoPoint;
      return one.cost - other.cost || one.value - other.value;
    });
  const front = new Array<boolean>(points.length).fill(false);
  let last: ParetoPoint | undefined;
  for (const index of order) {
    const point = points[index] as ParetoPoint;
    if (last && point.value >= last.value && !(point.value === last.value && point.cost === last.cost))
      continue;
    front[index] = true;
    last = point;
  }
  return front;
}
