/**
 * The state of a fold as a checkpoint keeps it: all that a result is made of, so that a run which goes on needs nothing
 * of its log for it. Of the windows only the last one is kept, of the ledgers the first and the one in force.
 */
import { z } from 'zod';
import { InputError } from '../../errors.js';
import { describeIssues } from '../../config/issues.js';
import type { Snapshot } from '../../contracts/snapshot.js';
import { count, ledger, metrics, split, subset, tieMap } from '../fields.js';
import { EVENTS } from '../schema.js';

const floats = z.instanceof(Float64Array);
const counts = z.instanceof(Uint32Array);
const message = z.string();

/** One entry for each step that counts, in every list. */
const stepsSchema = z
  .strictObject({
    step: counts,
    window: counts,
    loss: floats,
    tokens: floats,
    /** All up to and with the step. */
    flops: floats,
    /** Shares of a budget that is not steps; empty where there was none. */
    spent: floats,
    // Not among the arrays: two runs of one seed differ in nothing else.
    durationMs: z.array(z.number().min(0)),
  })
  .refine(
    ({ step, spent, ...lists }) =>
      [0, step.length].includes(spent.length) &&
      Object.values(lists).every(({ length }) => length === step.length),
    { error: 'the lists differ in length' },
  );

const mapSchema = z.strictObject({ step: count, window: count, tieMap });

const schema = z.strictObject({
  format: z.literal(1),
  started: EVENTS['run.started'].schema.nullable(),
  plannedSteps: count.nullable(),
  step: count,
  between: z.boolean(),
  tieMap: z.union([tieMap, z.array(count).length(0)]),
  ledger: ledger.nullable(),
  firstMap: mapSchema.nullable(),
  steps: stepsSchema,
  window: z
    .strictObject({
      ...{ window: count, sweep: count.nullable(), layer: count.nullable(), from: count, to: count },
      tieMap: z.union([tieMap, z.array(count).length(0)]),
      ledger: ledger.nullable(),
    })
    .nullable(),
  windows: count,
  tieMaps: z.array(mapSchema),
  evaluations: z.array(
    z.strictObject({
      ...{ step: count, split, metrics },
      ...{ subset: subset.exactOptional(), weightsOf: count.exactOptional() },
    }),
  ),
  diagnostics: z.array(
    z.strictObject({ code: message, window: count, message, step: count, between: z.boolean() }),
  ),
  rollBacks: z.array(z.strictObject({ step: count, resumedStep: count })),
  outcome: z.enum(['completed', 'failed', 'running']),
  failure: z.strictObject({ code: message, message }).nullable(),
});

export type FoldSnapshot = z.output<typeof schema>;
export type FoldedStep = {
  readonly step: number;
  readonly window: number;
  readonly loss: number;
  readonly stepTokens: number;
  readonly flops: number;
  readonly durationMs: number;
  readonly spent?: number;
};

/** @throws InputError (`state-invalid`) when it is none */
export function readFoldSnapshot(state: Snapshot): FoldSnapshot {
  const parsed = schema.safeParse(state);
  // As it is, so that saving it again gives the same bytes.
  if (parsed.success) return state as unknown as FoldSnapshot;
  throw new InputError('state-invalid', {
    asked: 'Read what a run had come to',
    found: describeIssues(parsed.error),
    todo: 'Resume from another checkpoint',
  });
}

/** The lists of steps: numbers that are equal in two runs of one seed as arrays, durations as JSON. */
export function packSteps(steps: readonly FoldedStep[]): FoldSnapshot['steps'] {
  const list = (read: (one: FoldedStep) => number): Float64Array<ArrayBuffer> =>
    Float64Array.from(steps, read);
  return {
    step: Uint32Array.from(steps, ({ step }) => step),
    window: Uint32Array.from(steps, ({ window }) => window),
    loss: list(({ loss }) => loss),
    tokens: list(({ stepTokens }) => stepTokens),
    flops: list(({ flops }) => flops),
    spent: steps.some(({ spent }) => spent !== undefined)
      ? list(({ spent }) => spent ?? Number.NaN)
      : new Float64Array(0),
    durationMs: steps.map(({ durationMs }) => durationMs),
  };
}

export function unpackSteps(lists: FoldSnapshot['steps']): FoldedStep[] {
  const { step, window, loss, tokens, flops, spent, durationMs } = lists;
  return durationMs.map((milliseconds, at) => ({
    step: step[at] as number,
    window: window[at] as number,
    loss: loss[at] as number,
    stepTokens: tokens[at] as number,
    flops: flops[at] as number,
    durationMs: milliseconds,
    ...(spent.length > 0 && !Number.isNaN(spent[at]) && { spent: spent[at] as number }),
  }));
}

/** Without what JSON leaves out. */
export function plain(value: unknown): Snapshot {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value as Snapshot;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== undefined)
      .map(([key, one]) => [key, plain(one)]),
  );
}
