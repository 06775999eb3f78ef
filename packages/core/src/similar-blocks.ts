/** Which blocks of a map are most alike, by average linkage (Sokal & Michener 1958) over a table of their layers. */
import type { BlockPair } from './contracts/measurement.js';
import type { TieMap } from './contracts/tie-map.js';
import { mergeablePairs } from './merging.js';

/** Means that are nearer to each other than this are equal: measurements have six decimals, sums of them an error. */
const ROUNDING = 1e-9;

export interface SimilarPair extends BlockPair {
  /** The mean over all pairs of a layer of the one and a layer of the other. */
  readonly similarity: number;
}

/** A symmetric table, [layers][layers]. */
export type LayerTable = readonly (readonly number[])[];

/** The layers that use the block of a root. */
export const layersOfBlock = (tieMap: TieMap, root: number): number[] =>
  tieMap.flatMap((one, layer) => (one === root ? [layer] : []));

/** The mean of a table over all pairs of a layer of the one list and a layer of the other. */
export function meanBetween(one: readonly number[], other: readonly number[], table: LayerTable): number {
  let sum = 0;
  for (const a of one) for (const b of other) sum += table[a]![b]!;
  return sum / (one.length * other.length);
}

/** All pairs of blocks of a canonical map that may be merged, with how alike they are; by `first`, then by `second`. */
export const similarPairs = (tieMap: TieMap, table: LayerTable, adjacent = false): SimilarPair[] =>
  mergeablePairs(tieMap, adjacent).map(({ first, second }) => ({
    ...{ first, second },
    similarity: meanBetween(layersOfBlock(tieMap, first), layersOfBlock(tieMap, second), table),
  }));

/**
 * The two blocks of a canonical map that are most alike. Of equals the pair whose first block begins earlier, then the
 * one whose second does.
 *
 * @param adjacent whether only blocks count that have layers next to each other
 * @returns `undefined` when there is no pair: one block is left
 */
export function mostSimilarBlocks(
  tieMap: TieMap,
  table: LayerTable,
  adjacent = false,
): SimilarPair | undefined {
  let best: SimilarPair | undefined;
  for (const pair of similarPairs(tieMap, table, adjacent)) {
    if (!best || pair.similarity > best.similarity + ROUNDING) best = pair;
  }
  return best;
}
