/** Everything that moves, and the way back from a checkpoint, which is a file: nothing of it is believed. */
import { ContractError, isCanonical } from '@ligature/core';
import type { Snapshot } from '@ligature/core';
import { z } from 'zod';
import { noEvidence } from './posterior.js';

const index = z.int().min(0);
const stateSchema = z.strictObject({
  /** The maps that are chosen from. */
  candidates: z.array(z.array(index)).min(1),
  /** The candidate in force; `null`: still untied. */
  current: index.nullable(),
  /** Windows of this hold that are over. */
  held: index,
  /** Windows of this hold that are left out: those after a change of the map. */
  settling: index,
  /** By how much the loss fell in the windows of this hold that count. */
  falls: z.array(z.number()),
  /** The reward of the window before; `null`: there is none. */
  before: z.number().nullable(),
  evidence: z.strictObject({
    count: index,
    products: z.array(z.number()),
    moments: z.array(z.number()),
    squares: z.number().min(0),
  }),
  /** The map of the end is in force. */
  over: z.boolean(),
});
export type State = z.output<typeof stateSchema>;

export const newState = (candidates: number[][], weights: number): State => ({
  candidates,
  current: null,
  held: 0,
  settling: 0,
  falls: [],
  before: null,
  evidence: structuredClone(noEvidence(weights)) as State['evidence'],
  over: false,
});

/**
 * @param isWhole whether the evidence is one of a regression over these candidates
 * @throws ContractError (`controller-state-mismatch`)
 */
export function readState(snapshot: Snapshot, layers: number, isWhole: (state: State) => boolean): State {
  const parsed = stateSchema.safeParse(snapshot);
  if (parsed.success && fits(parsed.data, layers) && isWhole(parsed.data)) return parsed.data;
  throw new ContractError('controller-state-mismatch', {
    asked: `Restore linear-thompson for ${layers} layers`,
    found: parsed.success ? 'the state is of other options or another stack' : z.prettifyError(parsed.error),
    todo: 'Resume with the options and the number of layers that the run was started with',
  });
}

function fits({ candidates, current }: State, layers: number): boolean {
  const whole = (map: readonly number[]): boolean =>
    map.length === layers && map.every((source, layer) => source <= layer) && isCanonical(map);
  return candidates.every(whole) && (current === null || current < candidates.length);
}
