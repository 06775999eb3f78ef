/**
 * The map that the values stand for once nothing is explored any more. Values depend on the state that they are read in,
 * so the greedy policy is followed from the map in force until a whole sweep changes nothing.
 */
import { canonicalTieMap, type TieMap } from '@ligature/core';
import { bestSource, distinctSources, sliceStart } from './head.js';
import type { PolicyOptions } from './policy.js';

export interface FinalMapOptions extends PolicyOptions {
  /** Exactly so many blocks; `null`: as many as the values say. */
  readonly blocks: number | null;
}

/** Values of all actions in a state: the outputs of the network. */
export type Values = (tieMap: TieMap) => ArrayLike<number>;

/** Greedy sweeps that do not settle go in a circle, and any of its maps is as greedy as the others. */
const MOST_SWEEPS = 32;

/**
 * @param from canonical
 * @returns a canonical map that a greedy sweep does not change, or one of the circle in which they go; with `blocks`
 *   the layers whose own block is worth most against their best tie keep one, and the others tie greedily
 */
export function finalMap(from: TieMap, values: Values, options: FinalMapOptions): TieMap {
  const { blocks } = options;
  const free = settled(from, values, options, (layer, map) => sourcesOf(layer, map, options));
  if (blocks === null) return free;
  const own = ownLayers(values(free), free, blocks, options);
  return settled(withOwn(free, own), values, options, (layer, map) =>
    own.has(layer) ? [layer] : sourcesOf(layer, map, options).slice(0, -1),
  );
}

const sourcesOf = (layer: number, map: TieMap, { symmetry }: PolicyOptions): number[] =>
  distinctSources(layer, map, symmetry === 'collapse');

function settled(
  from: TieMap,
  values: Values,
  { head }: PolicyOptions,
  allowed: (layer: number, map: TieMap) => readonly number[],
): TieMap {
  let map = from;
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep += 1) {
    const before = map;
    for (let layer = 1; layer < map.length; layer += 1) {
      const source = bestSource(values(map), sliceStart(head, layer), allowed(layer, map));
      map = canonicalTieMap(map.map((one, at) => (at === layer ? source : one)));
    }
    if (map.every((root, layer) => root === before[layer])) break;
  }
  return map;
}

/** Layer 0, and those whose own block is worth most against their best tie; of equals the earlier ones. */
function ownLayers(
  values: ArrayLike<number>,
  map: TieMap,
  blocks: number,
  options: PolicyOptions,
): ReadonlySet<number> {
  const gains = Array.from({ length: map.length - 1 }, (_, at) => {
    const layer = at + 1;
    const start = sliceStart(options.head, layer);
    const tie = bestSource(values, start, sourcesOf(layer, map, options).slice(0, -1));
    return { layer, gain: values[start + layer]! - values[start + tie]! };
  });
  const ranked = gains.sort((a, b) => b.gain - a.gain || a.layer - b.layer);
  return new Set([0, ...ranked.slice(0, blocks - 1).map(({ layer }) => layer)]);
}

/** A map whose roots are `own`: each other layer uses the nearest of them below. */
function withOwn(map: TieMap, own: ReadonlySet<number>): TieMap {
  let last = 0;
  return map.map((_, layer) => (last = own.has(layer) ? layer : last));
}
