/**
 * Which block is split, and what is merged in its place. Both at once, so that a map has as many blocks after it as before.
 *
 * No exchange can be undone while the table stays as it is: what is split agrees less than `threshold`, what is merged more,
 * so the sum of (agreement - threshold) over all pairs of layers that share a block grows with each.
 */
import {
  canonicalTieMap,
  independentLayers,
  layersOfBlock,
  meanBetween,
  mergedMap,
  mostSimilarBlocks,
  type LayerTable,
  type TieMap,
} from '@ligature/core';

export interface Exchange {
  /** The canonical map after it. */
  readonly tieMap: readonly number[];
  /** The root of the block that is split, and the first layer of its later part. */
  readonly split: { readonly block: number; readonly at: number; readonly agreement: number };
  readonly merged: { readonly first: number; readonly second: number; readonly agreement: number };
}

export interface ExchangeRule {
  readonly threshold: number;
  readonly margin: number;
}

/** The mean over all pairs of different layers of a list of two or more. */
export function meanWithin(layers: readonly number[], table: LayerTable): number {
  let sum = 0;
  layers.forEach((a, at) => {
    for (const b of layers.slice(at + 1)) sum += table[a]![b]!;
  });
  return sum / ((layers.length * (layers.length - 1)) / 2);
}

/**
 * The exchange that is due, if one is: of all blocks whose uses agree less than the threshold on average the one that agrees
 * least is cut where its parts agree least, if that is below the threshold too, and the neighbours that agree most are
 * merged, if that is above the threshold by the margin.
 *
 * @param tieMap canonical
 * @param agreement [layers][layers]
 */
export function exchange(
  tieMap: TieMap,
  agreement: LayerTable,
  { threshold, margin }: ExchangeRule,
): Exchange | undefined {
  const torn = independentLayers(tieMap)
    .map((block) => ({ block, layers: layersOfBlock(tieMap, block) }))
    .filter(({ layers }) => layers.length > 1)
    .map((one) => ({ ...one, mean: meanWithin(one.layers, agreement) }))
    .filter(({ mean }) => mean < threshold)
    .sort((one, other) => one.mean - other.mean || one.block - other.block)[0];
  if (!torn) return undefined;
  const cut = worstCut(torn.layers, agreement);
  if (cut.agreement >= threshold) return undefined;
  const apart = canonicalTieMap(
    tieMap.map((root, layer) => (root === torn.block && layer >= cut.at ? cut.at : root)),
  );
  const best = mostSimilarBlocks(apart, agreement, true);
  if (!best || best.similarity < threshold + margin) return undefined;
  const { first, second, similarity } = best;
  return {
    tieMap: mergedMap(apart, first, second),
    split: { block: torn.block, ...cut },
    merged: { first, second, agreement: similarity },
  };
}

/** Of equals the earliest. */
function worstCut(layers: readonly number[], table: LayerTable): { at: number; agreement: number } {
  return layers
    .slice(1)
    .map((at, index) => ({
      at,
      agreement: meanBetween(layers.slice(0, index + 1), layers.slice(index + 1), table),
    }))
    .reduce((worst, one) => (one.agreement < worst.agreement ? one : worst));
}
