/** Everything that moves, and the way back from a checkpoint, which is a file: nothing of it is believed. */
import { ContractError, isCanonical } from '@ligature/core';
import type { Snapshot } from '@ligature/core';
import { z } from 'zod';

const mapSchema = z.array(z.number().int().min(0));
const stateSchema = z.strictObject({
  /** The map in hand; `null` before the first window. */
  current: mapSchema.nullable(),
  /** Its reward; `null` while it has to be measured. */
  reward: z.number().nullable(),
  /** The map that is being tried in its place, and the number that decides whether it stays. */
  proposal: z
    .strictObject({
      tieMap: mapSchema,
      kind: z.enum(['tie', 'untie', 'retarget']),
      chance: z.number().min(0).lt(1),
    })
    .nullable(),
  /** Proposals so far, on which the temperature depends. */
  proposals: z.number().int().min(0),
  /** Moving average of |difference of rewards|, the unit of a relative temperature. */
  typical: z.number().min(0),
});
export type AnnealingState = z.output<typeof stateSchema>;

export const newState = (): AnnealingState => ({
  ...{ current: null, reward: null, proposal: null },
  ...{ proposals: 0, typical: 0 },
});

/** @throws ContractError (`controller-state-mismatch`) */
export function readState(snapshot: Snapshot, layers: number): AnnealingState {
  const parsed = stateSchema.safeParse(snapshot);
  if (parsed.success && fits(parsed.data, layers)) return parsed.data;
  throw new ContractError('controller-state-mismatch', {
    asked: `Restore the annealing of ${layers} layers`,
    found: parsed.success ? 'its maps are none of this stack' : z.prettifyError(parsed.error),
    todo: 'Resume with the options and the number of layers that the run was started with',
  });
}

function fits({ current, reward, proposal }: AnnealingState, layers: number): boolean {
  const maps = [current, proposal?.tieMap].filter((map) => map != null);
  const whole = (map: readonly number[]): boolean =>
    map.length === layers && isCanonical(map) && map.every((source, layer) => source <= layer);
  // What is tried is tried against a map that has a reward.
  return maps.every(whole) && (current !== null || reward === null) && (proposal === null || reward !== null);
}
