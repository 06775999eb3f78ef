/**
 * Kendall's tau-b, the agreement of two rankings with ties: (C - D) / sqrt((n0 - n1)(n0 - n2)), where C and D count the
 * pairs that both rank alike and oppositely, n0 all pairs, n1 and n2 those that the first and the second do not tell
 * apart. Kendall (1945), Biometrika 33(3), 239–251. Pair by pair: landscapes have hundreds of maps, not millions.
 */

/**
 * @param comparable whether a pair of places counts; left out: all do. With strata it is tau-b over the pairs inside
 *   of them.
 * @returns -1..1; `null` when one side tells no pair apart
 */
export function kendallTauB(
  first: readonly number[],
  second: readonly number[],
  comparable: (one: number, other: number) => boolean = () => true,
): number | null {
  let difference = 0;
  let toldByFirst = 0;
  let toldBySecond = 0;
  for (let i = 0; i < first.length; i += 1) {
    for (let j = 0; j < i; j += 1) {
      if (!comparable(i, j)) continue;
      const a = Math.sign((first[i] as number) - (first[j] as number));
      const b = Math.sign((second[i] as number) - (second[j] as number));
      difference += a * b;
      toldByFirst += a * a;
      toldBySecond += b * b;
    }
  }
  if (toldByFirst === 0 || toldBySecond === 0) return null;
  return difference / Math.sqrt(toldByFirst * toldBySecond);
}
