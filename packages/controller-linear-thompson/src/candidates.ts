/** The maps that are chosen from. */
import {
  allTieMaps,
  contiguousTieMaps,
  independentLayers,
  randomContiguous,
  randomPartition,
} from '@ligature/core';
import type { RandomStream, TieMap } from '@ligature/core';
import type { LinearThompsonOptions } from './options.js';

/** Stacks of up to so many layers are enumerated: they have 4 140 maps. */
const ENUMERATED = 8;
/** Draws for a map that is wanted; after so many in vain for each, what was found is all there is. */
const DRAWS = 50;

type Pool = Pick<LinearThompsonOptions, 'blocks' | 'contiguous' | 'candidates'>;

/**
 * Distinct canonical maps of the kind that is asked for, sorted. All of them where there are no more than `candidates` in a
 * stack of 8 layers or fewer, else so many draws: uniform over the maps with their number of blocks, and where that is
 * free, with 1 to `layers` blocks in turn.
 */
export function candidateMaps(pool: Pool, layers: number, random: RandomStream): number[][] {
  const all = layers <= ENUMERATED ? enumerated(pool, layers) : undefined;
  if (all && all.length <= pool.candidates) return all;
  const drawn = new Map<string, number[]>();
  for (let draw = 0; drawn.size < pool.candidates && draw < DRAWS * pool.candidates; draw += 1) {
    const blocks = pool.blocks ?? 1 + (draw % layers);
    const map = pool.contiguous
      ? randomContiguous(layers, blocks, random)
      : randomPartition(layers, blocks, random);
    drawn.set(map.join(), map);
  }
  return [...drawn.values()].sort(byLayers);
}

function enumerated({ blocks, contiguous }: Pool, layers: number): number[][] {
  if (contiguous) return [...contiguousTieMaps(layers, blocks ?? undefined)];
  return [...allTieMaps(layers)].filter((map) => blocks === null || independentLayers(map).length === blocks);
}

function byLayers(one: TieMap, other: TieMap): number {
  const layer = one.findIndex((root, at) => root !== other[at]);
  return layer < 0 ? 0 : one[layer]! - other[layer]!;
}
