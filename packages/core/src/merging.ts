/** Merging of blocks, for controllers that start untied and end with fewer: which blocks touch, and when one is due. */
import { z } from 'zod';
import type { Observation } from './contracts/controller.js';
import type { BlockPair } from './contracts/measurement.js';
import type { TieMap } from './contracts/tie-map.js';
import { InputError } from './errors.js';
import { canonicalTieMap, expectedRandomBlocks, independentLayers } from './tie-map.js';

/** Options that every controller which merges on a schedule has. */
export const mergeScheduleFields = {
  blocks: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe('merges until so many blocks are left; null: round(H_L), as many as random actions leave'),
  from: z.number().min(0).max(1).default(0.05).describe('share of the budget that is spent before any merge'),
  until: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('share of the budget by which the last merge is done; after it the map stays'),
};

export interface MergeSchedule {
  /** Blocks at the end; `null`: round(H_L). */
  readonly blocks: number | null;
  /** Shares of the budget, 0..1. */
  readonly from: number;
  readonly until: number;
}

/** Blocks that a schedule ends with. */
export const finalBlocks = ({ blocks }: Pick<MergeSchedule, 'blocks'>, layers: number): number =>
  blocks ?? Math.round(expectedRandomBlocks(layers));

/**
 * Blocks that a stack may have left at a share of the budget: `layers` up to `from`, then one fewer at equal distances,
 * the last of them at `until`.
 */
export function scheduledBlocks(progress: number, layers: number, schedule: MergeSchedule): number {
  const merges = layers - finalBlocks(schedule, layers);
  const { from, until } = schedule;
  if (merges <= 0 || progress < from) return layers;
  if (progress >= until) return layers - merges;
  // A share that was computed as 0.30000000000000004 stands for 0.3.
  return layers - Math.floor(((progress - from) / (until - from)) * merges + 1e-9);
}

/**
 * Pairs of blocks with layers next to each other, by their roots, `first < second`; of a map of one block there are none.
 *
 * @param adjacent false: all pairs of blocks
 */
export function mergeablePairs(tieMap: TieMap, adjacent = true): BlockPair[] {
  const map = canonicalTieMap(tieMap);
  const roots = independentLayers(map);
  const touching = new Set(map.slice(1).map((root, layer) => pairKey(root, map[layer] as number)));
  return roots.flatMap((first, index) =>
    roots
      .slice(index + 1)
      .filter((second) => !adjacent || touching.has(pairKey(first, second)))
      .map((second) => ({ first, second })),
  );
}

const pairKey = (one: number, other: number): string => `${Math.min(one, other)}-${Math.max(one, other)}`;

/** The canonical map in which two blocks, named by their roots, are one. */
export function mergedMap(tieMap: TieMap, first: number, second: number): number[] {
  const [kept, gone] = first < second ? [first, second] : [second, first];
  return canonicalTieMap(tieMap).map((root) => (root === gone ? kept : root));
}

/** Blocks that a map has more than the schedule lets it have now. */
export const mergesDue = (
  { tieMap, layers, progress }: Pick<Observation, 'tieMap' | 'layers' | 'progress'>,
  schedule: MergeSchedule,
): number =>
  Math.max(
    0,
    independentLayers(canonicalTieMap(tieMap)).length - scheduledBlocks(progress, layers, schedule),
  );

/** @throws InputError (`options-invalid`) for more blocks than layers, or a schedule that ends before it begins */
export function assertMergeSchedule(
  { blocks, from, until }: MergeSchedule,
  layers: number,
  controller: string,
): void {
  const found =
    blocks !== null && blocks > layers
      ? `blocks: ${blocks}, but there are ${layers} layers`
      : from > until
        ? `from: ${from} comes after until: ${until}`
        : undefined;
  if (found === undefined) return;
  throw new InputError('options-invalid', {
    asked: `Create the ${controller} controller`,
    found,
    todo: `See \`ligature plugins ${controller}\`; blocks is at most the number of layers, from at most until`,
  });
}
