/** Reads back what a yoked controller saved. */
import { ContractError } from '@ligature/core';
import type { Snapshot, Transition } from '@ligature/core';
import { z } from 'zod';

const count = z.int().min(0);
const observation = z.looseObject({
  window: count,
  sweep: count,
  step: count,
  progress: z.number(),
  layers: count,
  layer: count.nullable(),
  tieMap: z.array(count),
  state: z.array(count),
});
const schema = z.strictObject({
  learner: z.custom<Snapshot>((value) => value !== undefined),
  random: z.custom<Snapshot>((value) => value !== undefined),
  held: z.array(
    z.looseObject({
      observation,
      decision: z.looseObject({ kind: z.string() }),
      reward: z.number(),
      next: observation,
      terminated: z.boolean(),
      truncated: z.boolean(),
    }),
  ),
});

export interface YokedState {
  readonly learner: Snapshot;
  readonly random: Snapshot;
  readonly held: readonly Transition[];
}

/** @throws ContractError (`controller-state-mismatch`) */
export function readState(state: Snapshot, block: number): YokedState {
  const parsed = schema.safeParse(state);
  if (!parsed.success) throw mismatch('it is no state of a yoked controller');
  const { held } = parsed.data;
  if (held.length >= block) throw mismatch(`it holds ${held.length} transitions, for a block of ${block}`);
  return { ...parsed.data, held: held as unknown as readonly Transition[] };
}

const mismatch = (found: string): ContractError =>
  new ContractError('controller-state-mismatch', {
    asked: 'Restore the yoked controller',
    found,
    todo: 'Resume with the options that the run was started with',
  });
