import { canonicalTieMap, mergedMap, type TieCost, type TieMap } from '@ligature/core';

/**
 * The map after so many merges, each of the pair that costs least; of equals the one whose first block begins earlier,
 * then the one whose second does. A block that has been merged goes on by the costs of its parts: what the merge did to
 * them is not measured before the next window.
 *
 * @param costs of pairs of blocks of `tieMap`
 * @param merges fewer are made where the pairs do not suffice
 */
export function cheapestMerges(tieMap: TieMap, costs: readonly TieCost[], merges: number): number[] {
  let map = canonicalTieMap(tieMap);
  for (let merge = 0; merge < merges; merge += 1) {
    const apart = costs
      .map(({ first, second, cost }) => ({ ...inOrder(map[first]!, map[second]!), cost }))
      .filter(({ first, second }) => first !== second)
      .sort((one, other) => one.cost - other.cost || one.first - other.first || one.second - other.second);
    const [best] = apart;
    if (!best) break;
    map = mergedMap(map, best.first, best.second);
  }
  return map;
}

const inOrder = (one: number, other: number) =>
  one < other ? { first: one, second: other } : { first: other, second: one };
