/** Everything that moves, and the way back from a checkpoint, which is a file: nothing of it is believed. */
import { ContractError } from '@ligature/core';
import type { Snapshot } from '@ligature/core';
import { z } from 'zod';
import { newArms } from './arms.js';
import type { Arms } from './arms.js';
import type { BanditOptions } from './options.js';

export interface BanditState {
  /** One bandit for each layer; layer 0 has nothing to decide, and no arms. */
  layers: Arms[];
  /** Which block to join, learned by all layers together; unused when arms are flat. */
  blocks: Arms;
  /** Moving average of the rewards; `null` before the first one. */
  usual: number | null;
  /** Moving average of their distance from it. */
  scatter: number;
}

/** A bandit of layer l has two arms (own, tied), or l + 1 when arms are flat: its sources. */
export function newState(arms: BanditOptions['arms'], layers: number): BanditState {
  const size = (layer: number): number => (layer === 0 ? 0 : arms === 'flat' ? layer + 1 : 2);
  return {
    layers: Array.from({ length: layers }, (_, layer) => newArms(size(layer))),
    blocks: newArms(arms === 'flat' ? 0 : layers - 1),
    usual: null,
    scatter: 0,
  };
}

const armsSchema = z.strictObject({
  counts: z.array(z.number().min(0)),
  sums: z.array(z.number()),
  tried: z.array(z.boolean()),
  recent: z.array(z.tuple([z.number().int().min(0), z.number()])),
});
const stateSchema = z.strictObject({
  layers: z.array(armsSchema),
  blocks: armsSchema,
  usual: z.number().nullable(),
  scatter: z.number().min(0),
});

/** @throws ContractError (`controller-state-mismatch`) */
export function readState(
  snapshot: Snapshot,
  { arms, window }: Pick<BanditOptions, 'arms' | 'window'>,
  layers: number,
): BanditState {
  const fresh = newState(arms, layers);
  const fits = (saved: Arms, wanted: Arms): boolean => {
    const size = wanted.counts.length;
    return (
      [saved.counts, saved.sums, saved.tried].every(({ length }) => length === size) &&
      saved.recent.length <= (window ?? 0) &&
      saved.recent.every(([arm]) => arm < size)
    );
  };
  const parsed = stateSchema.safeParse(snapshot);
  if (
    parsed.success &&
    parsed.data.layers.length === layers &&
    parsed.data.layers.every((saved, layer) => fits(saved, fresh.layers[layer]!)) &&
    fits(parsed.data.blocks, fresh.blocks)
  ) {
    return parsed.data;
  }
  throw new ContractError('controller-state-mismatch', {
    asked: `Restore the bandits of ${layers} layers`,
    found: parsed.success ? 'the state is of other arms or layers' : z.prettifyError(parsed.error),
    todo: 'Resume with the options and the number of layers that the run was started with',
  });
}
