/** Agglomerative clustering with average linkage (Sokal & Michener 1958), one merge at a time, over tie maps. */
import { independentLayers, type TieMap } from '@ligature/core';

/** Means that are nearer to each other than this are equal: measurements have six decimals, sums of them an error. */
const ROUNDING = 1e-9;

export interface BlockPair {
  /** The root of the block that stays, and that of the one which joins it: `first < second`. */
  readonly first: number;
  readonly second: number;
  /** The mean over all pairs of a layer of the one and a layer of the other. */
  readonly similarity: number;
}

/**
 * The two blocks of a canonical map that are most alike. Of equals the pair whose first block begins earlier, then the
 * one whose second does.
 *
 * @param similarity [layers][layers]
 * @param adjacent whether only blocks count that have layers next to each other
 * @returns `undefined` when there is no pair: one block is left
 */
export function mostSimilarBlocks(
  tieMap: TieMap,
  similarity: readonly (readonly number[])[],
  adjacent = false,
): BlockPair | undefined {
  const blocks = independentLayers(tieMap).map((root) => ({ root, layers: layersOf(tieMap, root) }));
  let best: BlockPair | undefined;
  blocks.forEach((first, index) => {
    for (const second of blocks.slice(index + 1)) {
      if (adjacent && !touch(first.layers, second.layers)) continue;
      const value = linkage(first.layers, second.layers, similarity);
      if (best && !(value > best.similarity + ROUNDING)) continue;
      best = { first: first.root, second: second.root, similarity: value };
    }
  });
  return best;
}

const layersOf = (tieMap: TieMap, root: number): number[] =>
  tieMap.flatMap((one, layer) => (one === root ? [layer] : []));

const touch = (one: readonly number[], other: readonly number[]): boolean =>
  one.some((a) => other.some((b) => Math.abs(a - b) === 1));

function linkage(
  one: readonly number[],
  other: readonly number[],
  similarity: readonly (readonly number[])[],
): number {
  let sum = 0;
  for (const a of one) for (const b of other) sum += similarity[a]![b]!;
  return sum / (one.length * other.length);
}
