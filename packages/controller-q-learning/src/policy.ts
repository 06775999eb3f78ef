/** Epsilon-greedy choices over the outputs of the Q-network. */
import type { Observation, RandomStream, TieMap } from '@ligature/core';
import { bestSource, distinctSources, representative, sliceStart } from './head.js';
import type { HeadLayout } from './head.js';
import type { QLearningOptions } from './presets.js';

export interface PolicyOptions {
  readonly head: HeadLayout;
  readonly symmetry: 'collapse' | 'none';
}

export interface Choice {
  readonly source: number;
  readonly explored: boolean;
}

/** The probability of a random action in a window: a function of what is seen alone, so that no resume can lose it. */
export function epsilonAt(
  { sweep, progress }: Pick<Observation, 'sweep' | 'progress'>,
  { epsilon: { by, start, decay, floor }, until }: Pick<QLearningOptions, 'epsilon' | 'until'>,
): number {
  if (isOver(progress, until)) return 0;
  if (by === 'sweep') return Math.max(floor, start * decay ** sweep);
  return start + (floor - start) * Math.min(1, progress / (until ?? 1));
}

/** Whether exploration has ended and the greedy map is kept. */
export const isOver = (progress: number, until: number | null): boolean =>
  until !== null && progress >= until;

/**
 * One draw decides whether to explore. A random action is uniform over the layer's l + 1 sources *before*
 * collapsing, so that exploration has exactly the law of the `random` controller, its control.
 */
export function chooseSource(
  values: ArrayLike<number>,
  layer: number,
  tieMap: TieMap,
  epsilon: number,
  random: RandomStream,
  { head, symmetry }: PolicyOptions,
): Choice {
  const collapse = symmetry === 'collapse';
  if (random.uniform() < epsilon) {
    const source = random.integer(0, layer + 1);
    return { source: representative(layer, source, tieMap, collapse), explored: true };
  }
  const sources = distinctSources(layer, tieMap, collapse);
  return { source: bestSource(values, sliceStart(head, layer), sources), explored: false };
}

/** The greedy source of one layer. */
export function greedySource(
  values: ArrayLike<number>,
  layer: number,
  tieMap: TieMap,
  { head, symmetry }: PolicyOptions,
): number {
  return bestSource(values, sliceStart(head, layer), distinctSources(layer, tieMap, symmetry === 'collapse'));
}

/**
 * A whole map from one set of values, layers in ascending order, each seeing the classes of the map built so far.
 * `choose` picks the source of a layer given that prefix.
 */
export function buildMap(layers: number, choose: (layer: number, roots: TieMap) => number): number[] {
  const map = [0];
  const roots = [0];
  for (let layer = 1; layer < layers; layer += 1) {
    const source = choose(layer, roots);
    map.push(source);
    roots.push(source === layer ? layer : roots[source]!);
  }
  return map;
}

/** Values of sources 0..layer; under `collapse` a source shows the value of the root that stands for it. */
export function sourceValues(
  values: ArrayLike<number>,
  layer: number,
  tieMap: TieMap,
  { head, symmetry }: PolicyOptions,
): number[] {
  const start = sliceStart(head, layer);
  return Array.from(
    { length: layer + 1 },
    (_, source) => values[start + representative(layer, source, tieMap, symmetry === 'collapse')]!,
  );
}
