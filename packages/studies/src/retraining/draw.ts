/** Other maps with as many blocks as one that was found. */
import {
  createRandomStream,
  independentLayers,
  randomPartition,
  stirlingNumbers,
  type TieMap,
} from '@ligature/core';

/** How many canonical maps have as many blocks as this one, it included: a Stirling number of the second kind. */
export function mapsWithAsManyBlocks(map: TieMap): bigint {
  const blocks = independentLayers(map).length;
  return stirlingNumbers(map.length, blocks)[map.length]![blocks]!;
}

/**
 * Distinct maps, uniform among those with as many blocks as `map`, without it; fewer where there are no more.
 *
 * @param map canonical
 */
export function drawOtherMaps(map: TieMap, count: number, seed: number): TieMap[] {
  const blocks = independentLayers(map).length;
  const others = mapsWithAsManyBlocks(map) - 1n;
  const wanted = others < BigInt(count) ? Number(others) : count;
  const random = createRandomStream(seed, 'retraining/maps');
  const chosen = new Map<string, TieMap>();
  while (chosen.size < wanted) {
    const drawn = randomPartition(map.length, blocks, random);
    if (drawn.join('-') !== map.join('-')) chosen.set(drawn.join('-'), drawn);
  }
  return [...chosen.values()];
}
