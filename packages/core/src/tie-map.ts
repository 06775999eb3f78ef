/**
 * The algebra of tie maps. A map is a list of parents, `map[i] <= i`; the canonical form points every layer
 * at the root of its class, which is its smallest index. See `TieMap` for the words.
 */
import type { TieMap } from './contracts/tie-map.js';
import { InputError } from './errors.js';

/**
 * Checks a tie map of a stack and returns it.
 *
 * @throws InputError (`tie-map-invalid`) for a wrong length, a value that is no layer, or a forward reference.
 */
export function assertTieMap(map: readonly number[], layers: number): TieMap {
  const asked = `Use the tie map [${map.join(', ')}] for ${layers} layers`;
  if (map.length !== layers) {
    throw new InputError('tie-map-invalid', {
      asked,
      found: `it has ${map.length} entries`,
      todo: `Give one entry for each of the ${layers} layers`,
    });
  }
  map.forEach((source, layer) => {
    if (!Number.isInteger(source) || source < 0 || source > layer) {
      const forward = Number.isInteger(source) && source > layer;
      throw new InputError('tie-map-invalid', {
        asked,
        found: `layer ${layer} points at ${source}, ${forward ? 'a later layer' : 'which is no layer'}`,
        todo: `Let layer ${layer} use a layer from 0 to ${layer} (${layer} itself makes it independent)`,
      });
    }
  });
  return map;
}

/** The canonical form: every layer points at the root of its class. Parents are followed at call time. */
export function canonicalTieMap(map: TieMap): number[] {
  const roots: number[] = [];
  map.forEach((parent, layer) => {
    roots[layer] = parent === layer ? layer : (roots[parent] as number);
  });
  return roots;
}

export function isCanonical(map: TieMap): boolean {
  return map.every((parent) => map[parent] === parent);
}

/** Layers that use their own block, ascending. */
export function independentLayers(map: TieMap): number[] {
  return map.flatMap((parent, layer) => (parent === layer ? [layer] : []));
}

/** The canonical map of a list of block ids: positions with equal ids share; the first one is the root. */
export function tieMapFromBlocks(blocks: readonly unknown[]): number[] {
  const first = new Map<unknown, number>();
  return blocks.map((block, layer) => {
    if (!first.has(block)) first.set(block, layer);
    return first.get(block) as number;
  });
}

/** Every canonical map of a stack, in lexicographic order: Bell(layers) of them. */
export function* allTieMaps(layers: number): Generator<number[]> {
  function* extend(prefix: number[]): Generator<number[]> {
    if (prefix.length === layers) {
      yield prefix;
      return;
    }
    const layer = prefix.length;
    for (const source of [...independentLayers(prefix), layer]) yield* extend([...prefix, source]);
  }
  yield* extend([]);
}

/**
 * Every canonical map whose blocks are runs of consecutive layers, `0-0-2-2` but not `0-1-0-1`, in lexicographic order:
 * C(layers - 1, blocks - 1) of them, or 2^(layers - 1) of any number of blocks.
 */
export function* contiguousTieMaps(layers: number, blocks?: number): Generator<number[]> {
  function* extend(prefix: readonly number[], used: number): Generator<number[]> {
    const layer = prefix.length;
    // As many layers must be left as blocks are still to be opened.
    if (blocks !== undefined && (used > blocks || blocks - used > layers - layer)) return;
    if (layer === layers) {
      yield [...prefix];
      return;
    }
    if (layer > 0) yield* extend([...prefix, prefix[layer - 1]!], used);
    yield* extend([...prefix, layer], used + 1);
  }
  yield* extend([], 0);
}

/** Whether every block is a run of consecutive layers. */
export function isContiguous(map: TieMap): boolean {
  const roots = canonicalTieMap(map);
  return roots.every((root, layer) => root === layer || root === roots[layer - 1]);
}

/**
 * Independent layers that uniformly random actions leave on average: layer i has i + 1 equally likely
 * actions, one of them "independent", so the expectation is the harmonic number H_L.
 */
export function expectedRandomBlocks(layers: number): number {
  let sum = 0;
  for (let layer = 1; layer <= layers; layer += 1) sum += 1 / layer;
  return sum;
}

/** Where a window stands: sweeps visit layers 1..L-1 in ascending order, one window each. */
export function sweepPosition(window: number, layers: number): { sweep: number; layer: number | null } {
  const turns = layers - 1;
  if (turns < 1) return { sweep: window, layer: null };
  return { sweep: Math.floor(window / turns), layer: (window % turns) + 1 };
}
