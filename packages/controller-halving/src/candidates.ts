/** The maps that enter the first round. */
import { allTieMaps, randomPartition } from '@ligature/core';
import type { RandomStream } from '@ligature/core';

/** Draws of one number of blocks before another one has its turn: of 1 and of L blocks there is one map only. */
const DRAWS = 20;

/**
 * Distinct canonical maps whose numbers of blocks are spread evenly over 1..layers, each drawn uniformly from those
 * with its number of blocks. All maps, where there are no more than `count`.
 */
export function drawCandidates(count: number, layers: number, random: RandomStream): number[][] {
  const all = firstMaps(layers, count + 1);
  if (all.length <= count) return all;
  const drawn = new Map<string, number[]>();
  for (let index = 0; drawn.size < count; index += 1) {
    const share = count === 1 ? 0.5 : (index % count) / (count - 1);
    const map = drawNew(1 + Math.round(share * (layers - 1)), layers, drawn, random);
    drawn.set(map.join(), map);
  }
  return [...drawn.values()];
}

/** A map that is not there yet, of so many blocks, or else of the next number that has one. */
function drawNew(
  blocks: number,
  layers: number,
  drawn: ReadonlyMap<string, unknown>,
  random: RandomStream,
): number[] {
  for (let wanted = blocks; ; wanted = (wanted % layers) + 1) {
    for (let draw = 0; draw < DRAWS; draw += 1) {
      const map = randomPartition(layers, wanted, random);
      if (!drawn.has(map.join())) return map;
    }
  }
}

function firstMaps(layers: number, most: number): number[][] {
  const maps: number[][] = [];
  for (const map of allTieMaps(layers)) {
    maps.push(map);
    if (maps.length === most) break;
  }
  return maps;
}
