/** Which block each layer used when: the rectangles of the tie-map picture. */
import { canonicalTieMap } from '@ligature/core';
import type { TieMapChange } from '@ligature/run';

/** Layer `layer` used the block of `owner` from training step `from` to `to`. */
export interface Segment {
  readonly layer: number;
  readonly owner: number;
  readonly from: number;
  readonly to: number;
}

export interface TieMapHistory {
  readonly layers: number;
  /** Ascending by step; of two changes at one step the later one counts. */
  readonly tieMaps: readonly TieMapChange[];
  readonly steps: number;
}

/**
 * Longest stretches of one owner, by layer and then by step.
 *
 * @param resolution at most this many changes of the whole map are told apart; of those that fall into one
 *   slot the last one is kept, since a picture cannot show more than its width
 */
export function tieMapSegments({ layers, tieMaps, steps }: TieMapHistory, resolution = Infinity): Segment[] {
  const changes = thin(tieMaps, steps, resolution);
  return Array.from({ length: layers }, (_, layer) => layer).flatMap((layer) => {
    const segments: Segment[] = [];
    changes.forEach(({ step, owners }, index) => {
      const owner = owners[layer] ?? layer;
      const to = changes[index + 1]?.step ?? steps;
      const last = segments.at(-1);
      if (last?.owner === owner) segments[segments.length - 1] = { ...last, to };
      else if (to > step) segments.push({ layer, owner, from: step, to });
    });
    return segments;
  });
}

function thin(
  tieMaps: readonly TieMapChange[],
  steps: number,
  resolution: number,
): { step: number; owners: readonly number[] }[] {
  const slots = new Map<number, { step: number; owners: readonly number[] }>();
  for (const { step, tieMap } of tieMaps) {
    const slot = Number.isFinite(resolution) ? Math.floor((step / Math.max(1, steps)) * resolution) : step;
    slots.set(slot, { step: slots.get(slot)?.step ?? step, owners: canonicalTieMap(tieMap) });
  }
  return [...slots.values()];
}
