/** A map as numbers: what a linear model can say of maps that were never tried. */
import { independentLayers } from '@ligature/core';
import type { TieMap } from '@ligature/core';
import type { LinearThompsonOptions } from './options.js';

/** Names of the numbers that describe a whole map. */
export const SUMMARY = [
  'blocks',
  'far',
  'distance',
  'first-private',
  'last-private',
  'largest',
  'depth',
] as const;

/**
 * Of a canonical map of L layers, each from 0 to 1:
 *
 * - `blocks`: blocks / L
 * - `far`: of the layers that join an earlier one, the share whose neighbour below is not of their block
 * - `distance`: their mean distance from the last layer of their block before them, / L
 * - `first-private`, `last-private`: whether the first and the last layer have a block to themselves
 * - `largest`: layers of the largest block, / L
 * - `depth`: mean place of the layers that join an earlier one, / L
 *
 * With nothing joined `far`, `distance` and `depth` are 0.
 */
export function summaryFeatures(map: TieMap): number[] {
  const layers = map.length;
  const joined = map.flatMap((root, layer) => (root === layer ? [] : [layer]));
  const gaps = joined.map((layer) => layer - map.lastIndexOf(map[layer]!, layer - 1));
  const sizes = independentLayers(map).map((root) => map.filter((one) => one === root).length);
  const isPrivate = (layer: number): number =>
    map.filter((root) => root === map[layer]).length === 1 ? 1 : 0;
  return [
    sizes.length / layers,
    mean(gaps.map((gap) => (gap > 1 ? 1 : 0))),
    mean(gaps) / layers,
    isPrivate(0),
    isPrivate(layers - 1),
    Math.max(...sizes) / layers,
    mean(joined) / layers,
  ];
}

/** For each layer from the second on: 1 if it has the block of the layer below it, else 0. */
export function joinFeatures(map: TieMap): number[] {
  return map.slice(1).map((root, layer) => (root === map[layer] ? 1 : 0));
}

/**
 * The features of every map, [maps][features], standardised over them: mean 0, standard deviation 1. What is the same in all
 * maps says nothing and is left out.
 */
export function featureTable(
  maps: readonly TieMap[],
  features: LinearThompsonOptions['features'],
): number[][] {
  const raw = maps.map((map) => [
    ...(features === 'joins' ? [] : summaryFeatures(map)),
    ...(features === 'summary' ? [] : joinFeatures(map)),
  ]);
  const columns = (raw[0] ?? []).map((_, column) => standardised(raw.map((row) => row[column]!)));
  const telling = columns.filter((column) => column !== undefined);
  return raw.map((_, row) => telling.map((column) => column[row]!));
}

function standardised(values: readonly number[]): number[] | undefined {
  const centre = mean(values);
  const deviation = Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
  // Equal values leave a rounding error, no more.
  return deviation < 1e-9 ? undefined : values.map((value) => (value - centre) / deviation);
}

export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * What improves whatever the map is, at a share of the budget: a constant, a part that falls like 1 / share and a part that
 * is linear in it. About as large as standardised features.
 */
export const trend = (progress: number): number[] => [1, 0.1 / (0.1 + progress), progress - 0.5];
