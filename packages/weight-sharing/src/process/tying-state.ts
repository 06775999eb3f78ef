/** What a TyingProcess remembers between events, as a snapshot and back. */
import { assertTieMap, ContractError, deepFreeze, type Decision, type Observation, type Snapshot } from '@ligature/core';
import { z } from 'zod';
import { checkDecision } from './check-decision.js';
import { SIMILARITY_KINDS } from './check-wanted.js';
import { packNumbers, unpackNumbers } from './exact-numbers.js';
import type { Plain } from './plain-data.js';

/** A decision whose reward is not known yet. */
export interface Pending {
  readonly observation: Observation;
  readonly decision: Decision;
}

export interface TyingState {
  readonly pending: Pending | null;
  /** Losses of the window `lossesOf`, as far as it has come. */
  readonly losses: readonly number[];
  readonly lossesOf: number | null;
  /** Training steps done when the last window closed. */
  readonly step: number;
  readonly truncated: boolean;
}

const count = z.int().min(0);
/** Any number: NaN and infinities too, which zod's own `number` refuses. */
const real = z.custom<number>((value) => typeof value === 'number');

const schema = z.strictObject({
  pending: z
    .strictObject({
      observation: z.strictObject({
        window: count,
        sweep: count,
        step: count,
        layers: count,
        layer: count.nullable(),
        tieMap: z.array(count),
        state: z.array(count),
        recentLosses: z.array(real),
        similarity: z
          .strictObject({ kind: z.enum(SIMILARITY_KINDS), matrix: z.array(z.array(z.number())) })
          .optional(),
      }),
      decision: z.looseObject({ kind: z.string() }),
    })
    .nullable(),
  losses: z.array(real),
  lossesOf: count.nullable(),
  step: count,
  truncated: z.boolean(),
});

export function packTyingState(state: TyingState): Snapshot {
  return packNumbers(state as unknown as Plain);
}

/** @throws ContractError (`tying-state-invalid`) when it is no state of a process over `layers` layers */
export function readTyingState(snapshot: Snapshot, layers: number): TyingState {
  const parsed = schema.safeParse(unpackNumbers(snapshot));
  if (!parsed.success) throw invalid('it has not the form of one', parsed.error);
  const { pending, ...rest } = parsed.data;
  if (!pending) return { ...rest, pending };
  const { similarity, ...seen } = pending.observation;
  const observation: Observation = { ...seen, ...(similarity && { similarity }) };
  if (observation.layers !== layers || observation.state.length !== layers) {
    throw invalid(`it is about ${observation.layers} layers, and the model has ${layers}`);
  }
  const rows = similarity?.matrix;
  if (rows && [rows, ...rows].some(({ length }) => length !== layers)) {
    throw invalid(`its measurement is no table of ${layers} by ${layers}`);
  }
  try {
    assertTieMap(observation.tieMap, layers);
    const decision = checkDecision(pending.decision, observation, 'saved');
    return { ...rest, pending: { observation: deepFreeze(observation), decision } };
  } catch (error) {
    throw invalid('its pending decision is none', error);
  }
}

function invalid(found: string, cause?: unknown): ContractError {
  return new ContractError(
    'tying-state-invalid',
    {
      asked: 'Restore the tying process from a saved state',
      found,
      todo: 'Resume with the model that the run was started with',
    },
    { cause },
  );
}
