/**
 * Successive halving: Karnin, Koren & Somekh 2013, ICML; Jamieson & Talwalkar 2016, arXiv 1502.07943. Every map has a model of its
 * own here, as those papers have it, and not one model that goes through all maps.
 */
import { createRandomStream, isBetter, randomContiguous, contiguousTieMaps } from '@ligature/core';
import type { MetricSpec, TieMap } from '@ligature/core';

export interface Scored {
  readonly map: TieMap;
  readonly metric: MetricSpec;
  readonly value: number;
}

/** Best first; equals in the order in which they came. What has no finite value is left out: it diverged. */
export const ranked = <T extends Pick<Scored, 'metric' | 'value'>>(scored: readonly T[]): T[] =>
  scored
    .filter(({ value }) => Number.isFinite(value))
    .sort(
      (a, b) => Number(isBetter(a.metric, b.value, a.value)) - Number(isBetter(a.metric, a.value, b.value)),
    );

export const survivors = (scored: readonly Scored[], count: number): TieMap[] =>
  ranked(scored)
    .slice(0, count)
    .map(({ map }) => map);

/** How many contiguous maps there are: C(layers - 1, blocks - 1). */
export function contiguousCount(layers: number, blocks: number): number {
  let count = 1;
  for (let k = 1; k < blocks; k += 1) count = (count * (layers - k)) / k;
  return Math.round(count);
}

/** Distinct contiguous maps, uniform among those with so many blocks, in lexicographic order; all where there are no more. */
export function forkMaps(layers: number, blocks: number, count: number, seed: number): TieMap[] {
  if (contiguousCount(layers, blocks) <= count) return [...contiguousTieMaps(layers, blocks)];
  const random = createRandomStream(seed, 'forked-halving/maps');
  const drawn = new Map<string, TieMap>();
  while (drawn.size < count) {
    const map = randomContiguous(layers, blocks, random);
    drawn.set(map.join('-'), map);
  }
  return [...drawn.values()].sort((a, b) => {
    const layer = a.findIndex((root, at) => root !== b[at]);
    return a[layer]! - b[layer]!;
  });
}
