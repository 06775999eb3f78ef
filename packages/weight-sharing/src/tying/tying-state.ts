/** What a TyingProcess remembers between events, as a snapshot and back. */
import {
  assertTieMap,
  ContractError,
  deepFreeze,
  type Decision,
  type Measurement,
  type Observation,
  type Snapshot,
} from '@ligature/core';
import { z } from 'zod';
import { checkDecision } from './check-decision.js';
import { SIMILARITY_KINDS, SUBSTITUTES } from './check-wanted.js';
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
  /** Share of the budget that was spent then. */
  readonly progress: number;
  readonly truncated: boolean;
  /** The last decision under `tying.until` was made; absent as long as it was not. */
  readonly over?: true;
  /** `tying.until` was reached, and so many components are still to be decided on. */
  readonly turnsLeft?: number;
}

const count = z.int().min(0);
/** Any number: NaN and infinities too, which zod's own `number` refuses. */
const real = z.custom<number>((value) => typeof value === 'number');

const similarity = z.strictObject({
  kind: z.enum(SIMILARITY_KINDS),
  matrix: z.array(z.array(z.number())),
});
const tieCosts = z.strictObject({
  kind: z.literal('tie-cost'),
  substitute: z.enum(SUBSTITUTES),
  batches: count,
  loss: z.number(),
  pairs: z.array(z.strictObject({ first: count, second: count, cost: z.number() })),
});

const schema = z.strictObject({
  pending: z
    .strictObject({
      observation: z.strictObject({
        window: count,
        sweep: count,
        step: count,
        // States of before the budget and components were seen lack the fields with a default.
        progress: z.number().default(0),
        layers: count,
        layer: count.nullable(),
        component: z.string().nullable().default(null),
        tieMap: z.array(count),
        tieMaps: z.record(z.string(), z.array(count)).optional(),
        state: z.array(count),
        recentLosses: z.array(real),
        measured: z.union([similarity, tieCosts]).optional(),
        // What states of before there were other measurements call it.
        similarity: similarity.optional(),
      }),
      decision: z.looseObject({ kind: z.string() }),
    })
    .nullable(),
  losses: z.array(real),
  lossesOf: count.nullable(),
  step: count,
  progress: z.number().default(0),
  truncated: z.boolean(),
  over: z.literal(true).exactOptional(),
  turnsLeft: z.int().min(1).exactOptional(),
});

export function packTyingState(state: TyingState): Snapshot {
  return packNumbers(state as unknown as Plain);
}

/** What a state must fit. */
export interface TyingScope {
  readonly layers: number;
  /** The components that are tied. */
  readonly components: readonly string[];
  /** Those of them that a decision may be about alone. */
  readonly decidable: readonly string[];
}

/** @throws ContractError (`tying-state-invalid`) when it is no state of a process over these layers and components */
export function readTyingState(
  snapshot: Snapshot,
  { layers, components, decidable }: TyingScope,
): TyingState {
  const parsed = schema.safeParse(unpackNumbers(snapshot));
  if (!parsed.success) throw invalid('it has not the form of one', parsed.error);
  const { pending, ...rest } = parsed.data;
  if (!pending) return { ...rest, pending };
  const { similarity: older, measured = older, tieMaps: saved, ...seen } = pending.observation;
  const tieMaps = saved ?? Object.fromEntries(components.map((one) => [one, [...seen.tieMap]]));
  const observation: Observation = { ...seen, tieMaps, ...(measured && { measured }) };
  if (observation.layers !== layers || observation.state.length !== layers) {
    throw invalid(`it is about ${observation.layers} layers, and the model has ${layers}`);
  }
  if (Object.keys(tieMaps).sort().join() !== [...components].sort().join()) {
    throw invalid(`it has tie maps of ${Object.keys(tieMaps).join(', ')}, not of ${components.join(', ')}`);
  }
  if (observation.component !== null && !decidable.includes(observation.component)) {
    throw invalid(`it is about ${observation.component}, which is not decided on by itself`);
  }
  if (measured && !isOf(measured, layers)) throw invalid(`its measurement is none of ${layers} layers`);
  try {
    for (const map of [observation.tieMap, ...Object.values(tieMaps)]) assertTieMap(map, layers);
    const decision = checkDecision(pending.decision, observation, 'saved', decidable);
    return { ...rest, pending: { observation: deepFreeze(observation), decision } };
  } catch (error) {
    throw invalid('its pending decision is none', error);
  }
}

function isOf(measured: Measurement, layers: number): boolean {
  if (measured.kind === 'tie-cost') {
    return measured.pairs.every(({ first, second }) => first < second && second < layers);
  }
  const rows = measured.matrix;
  return [rows, ...rows].every(({ length }) => length === layers);
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
