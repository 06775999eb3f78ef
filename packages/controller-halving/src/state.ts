/** Everything that moves, and the way back from a checkpoint, which is a file: nothing of it is believed. */
import { ContractError, isCanonical } from '@ligature/core';
import type { Snapshot } from '@ligature/core';
import { z } from 'zod';

const index = z.number().int().min(0);
const stateSchema = z.strictObject({
  candidates: z.array(z.array(index)).min(1),
  /** Numbers of the candidates that are left. */
  left: z.array(index).min(1),
  /** Rounds that are over. */
  rounds: index,
  /** The windows of this round that are still to come, each by its candidate; empty before it begins. */
  visits: z.array(index),
  /** For each candidate: its rewards in this round. */
  rewards: z.array(z.array(z.number())),
});
export type HalvingState = z.output<typeof stateSchema>;

export const newState = (candidates: number[][]): HalvingState => ({
  candidates,
  left: candidates.map((_, candidate) => candidate),
  rounds: 0,
  visits: [],
  rewards: candidates.map(() => []),
});

/** @throws ContractError (`controller-state-mismatch`) */
export function readState(snapshot: Snapshot, layers: number): HalvingState {
  const parsed = stateSchema.safeParse(snapshot);
  if (parsed.success && fits(parsed.data, layers)) return parsed.data;
  throw new ContractError('controller-state-mismatch', {
    asked: `Restore the halving of maps of ${layers} layers`,
    found: parsed.success ? 'its maps are none of this stack' : z.prettifyError(parsed.error),
    todo: 'Resume with the options and the number of layers that the run was started with',
  });
}

function fits({ candidates, left, visits, rewards }: HalvingState, layers: number): boolean {
  const whole = (map: readonly number[]): boolean =>
    map.length === layers && isCanonical(map) && map.every((source, layer) => source <= layer);
  return (
    candidates.every(whole) &&
    rewards.length === candidates.length &&
    new Set(left).size === left.length &&
    left.every((candidate) => candidate < candidates.length) &&
    visits.every((candidate) => left.includes(candidate))
  );
}
