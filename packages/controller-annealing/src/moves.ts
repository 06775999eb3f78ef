/**
 * Neighbours of a tie map: all maps in which one layer alone has changed its block. It ties (its own block is given
 * up for another), unties (it leaves a shared block for one of its own) or retargets (it leaves one for another).
 */
import { independentLayers, tieMapFromBlocks } from '@ligature/core';
import type { RandomStream, TieMap } from '@ligature/core';

export type MoveKind = 'tie' | 'untie' | 'retarget';

export interface Move {
  readonly kind: MoveKind;
  /** The canonical map after it. */
  readonly tieMap: readonly number[];
}

const isAlone = (map: TieMap, layer: number): boolean =>
  map.every((root, at) => (root === map[layer]) === (at === layer));

/**
 * How many moves a canonical map has: L layers go to any of k - 1 other blocks or to a new one, which is no change
 * for those that are alone. L k - (layers alone).
 */
export function moveCount(map: TieMap): number {
  return map.length * independentLayers(map).length - map.filter((_, layer) => isAlone(map, layer)).length;
}

/**
 * One of the moves of a canonical map of two layers or more, all equally likely. Where two moves make the same map
 * (of two layers that share a block, either may leave), two lead back as well, so that the chances of a step there and
 * back differ by their `moveCount` alone.
 */
export function drawMove(map: TieMap, random: RandomStream): Move {
  const roots = independentLayers(map);
  let left = random.integer(0, moveCount(map));
  for (let layer = 0; ; layer += 1) {
    const alone = isAlone(map, layer);
    const others = roots.filter((root) => root !== map[layer]);
    const here = others.length + (alone ? 0 : 1);
    if (left >= here) {
      left -= here;
      continue;
    }
    const target = others[left];
    // -1 is no layer: a block of its own.
    const tieMap = tieMapFromBlocks(map.map((root, at) => (at === layer ? (target ?? -1) : root)));
    return { kind: target === undefined ? 'untie' : alone ? 'tie' : 'retarget', tieMap };
  }
}
