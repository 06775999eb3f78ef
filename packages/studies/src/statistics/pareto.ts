/** The Pareto front of two numbers that are both to be low: what nothing else beats. */

export interface ParetoPoint {
  readonly cost: number;
  readonly loss: number;
}

/** For each point whether none has both numbers at most as high and one of them lower. Equal points are on it together. */
export function paretoFront(points: readonly ParetoPoint[]): boolean[] {
  const order = points
    .map((_, index) => index)
    .sort((a, b) => {
      const one = points[a] as ParetoPoint;
      const other = points[b] as ParetoPoint;
      return one.cost - other.cost || one.loss - other.loss;
    });
  const front = new Array<boolean>(points.length).fill(false);
  let last: ParetoPoint | undefined;
  for (const index of order) {
    const point = points[index] as ParetoPoint;
    if (last && point.loss >= last.loss && !(point.loss === last.loss && point.cost === last.cost)) continue;
    front[index] = true;
    last = point;
  }
  return front;
}
