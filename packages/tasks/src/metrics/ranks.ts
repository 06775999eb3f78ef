/**
 * Ranks from 1, equal values sharing the mean of the ranks that they take together (scipy's `rankdata`, method "average").
 *
 * @param values none of them NaN
 */
export function averageRanks(values: readonly number[]): number[] {
  const order = Array.from(values, (_, at) => at).sort(
    (a, b) => (values[a] as number) - (values[b] as number),
  );
  const ranks = new Array<number>(values.length);
  for (let first = 0; first < order.length;) {
    let end = first + 1;
    while (end < order.length && values[order[end] as number] === values[order[first] as number]) end += 1;
    // The mean of first + 1 to end.
    for (let place = first; place < end; place += 1) ranks[order[place] as number] = (first + 1 + end) / 2;
    first = end;
  }
  return ranks;
}
