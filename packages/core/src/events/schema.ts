/**
 * The events once more, for data that comes from outside: a log, another process, a socket. Whoever reads events reads
 * them with this table. It is checked against the types of `events.ts` at the end of the file, field by field.
 */
import { z } from 'zod';
import type { EventOf, EventType } from './events.js';
import {
  bestStep,
  component,
  count,
  finalPasses,
  ledger,
  metrics,
  metricSpec,
  real,
  split,
  subset,
  tieMap,
} from './fields.js';

/** `durable`: part of the run, and of its log. `transient`: of the process that is at it, and never written down. */
export type Durability = 'durable' | 'transient';

const durable = <T extends string, S extends z.ZodRawShape>(type: T, shape: S) =>
  define('durable', type, shape);
const transient = <T extends string, S extends z.ZodRawShape>(type: T, shape: S) =>
  define('transient', type, shape);

/** Fields that a newer version may add pass. */
function define<T extends string, S extends z.ZodRawShape>(durability: Durability, type: T, shape: S) {
  return { durability, schema: z.looseObject({ type: z.literal(type), ...shape }) };
}

/** Every type of event: how long it is remembered, and what it holds. */
export const EVENTS = {
  'run.started': durable('run.started', {
    seed: real,
    layers: count,
    steps: count,
    controller: z.string(),
    tieMap,
    ledger,
    task: z.string().exactOptional(),
    unit: z.string().exactOptional(),
    lossUnit: z.string().exactOptional(),
    metrics: z.array(metricSpec).exactOptional(),
    finalPasses: finalPasses.exactOptional(),
  }),
  'window.opened': durable('window.opened', {
    window: count,
    sweep: count.exactOptional(),
    layer: count.nullable().exactOptional(),
    step: count,
    progress: z.number().min(0).max(1).exactOptional(),
  }),
  'layers.measured': durable('layers.measured', {
    window: count,
    kind: z.enum(['weight-cosine', 'hidden-cka', 'gradient-cosine', 'tie-cost']),
    layers: count,
    values: z.array(real),
    pairs: z.array(z.array(count).length(2)).exactOptional(),
    loss: real.exactOptional(),
    substitute: z.enum(['first', 'second', 'mean', 'best']).exactOptional(),
    batches: count.exactOptional(),
    tokens: count.exactOptional(),
    flops: z.number().min(0).exactOptional(),
  }),
  'tying.decided': durable('tying.decided', {
    window: count,
    layer: count.nullable(),
    source: count.nullable(),
    kind: z.enum(['layer', 'map', 'keep']),
    notes: z.looseObject({
      explored: z.boolean().exactOptional(),
      epsilon: real.exactOptional(),
      values: z.array(real).exactOptional(),
      costs: z.record(z.string(), real).exactOptional(),
      agreements: z.record(z.string(), real).exactOptional(),
    }),
    sweep: count.exactOptional(),
    component: component.nullable().exactOptional(),
  }),
  'tying.applied': durable('tying.applied', {
    window: count,
    previous: tieMap,
    tieMap,
    state: z.array(real),
    tied: count,
    untied: count,
    ledger,
    tieMaps: z.record(component, tieMap).exactOptional(),
  }),
  'tying.frozen': durable('tying.frozen', {
    window: count,
    step: count,
    tieMap,
    tieMaps: z.record(component, tieMap).exactOptional(),
  }),
  'step.completed': durable('step.completed', {
    step: count,
    window: count,
    loss: real,
    gradientNorm: real,
    learningRate: real,
    tokens: count,
    durationMs: z.number().min(0),
    spent: z.number().min(0).max(1).exactOptional(),
  }),
  'window.closed': durable('window.closed', {
    window: count,
    layer: count.nullable().exactOptional(),
    step: count,
    progress: z.number().min(0).max(1).exactOptional(),
    losses: z.array(real),
    truncated: z.boolean(),
  }),
  'reward.measured': durable('reward.measured', {
    window: count,
    reward: real,
    raw: real,
    saturated: z.boolean(),
    tokens: count.exactOptional(),
    flops: z.number().min(0).exactOptional(),
  }),
  'controller.learned': durable('controller.learned', { window: count, report: metrics }),
  'evaluation.completed': durable('evaluation.completed', {
    step: count,
    split,
    metrics,
    durationMs: z.number().min(0),
    subset: subset.exactOptional(),
    weightsOf: count.exactOptional(),
  }),
  'diagnostic.raised': durable('diagnostic.raised', {
    code: z.string(),
    window: count,
    message: z.string(),
    evidence: metrics,
  }),
  'checkpoint.saved': durable('checkpoint.saved', { step: count, path: z.string() }),
  'run.completed': durable('run.completed', {
    step: count,
    tokens: count,
    tieMap,
    ledger,
    durationMs: z.number().min(0),
    best: bestStep.exactOptional(),
  }),
  'run.failed': durable('run.failed', { step: count, code: z.string(), message: z.string() }),
  'run.diverged': durable('run.diverged', {
    step: count,
    window: count,
    loss: z.union([z.number(), z.string()]),
    gradientNorm: z.union([z.number(), z.string()]),
    learningRate: real,
    action: z.enum(['stop', 'rollback']),
    // Logs of the first versions leave it out.
    resumedStep: count.nullable().default(null),
  }),
  'controller.failed': durable('controller.failed', {
    window: count,
    controller: z.string(),
    call: z.enum(['decide', 'learn']),
    code: z.string(),
    message: z.string(),
  }),
  'listener.failed': durable('listener.failed', {
    listener: z.string(),
    event: z.string(),
    message: z.string(),
  }),
  'stage.entered': transient('stage.entered', {
    message: z.string(),
    progress: z.object({ done: count, total: count }).exactOptional(),
  }),
  'notice.raised': transient('notice.raised', { message: z.string() }),
  'evaluation.progressed': transient('evaluation.progressed', { split, done: count, total: count }),
  'run.resumed': transient('run.resumed', {
    step: count,
    steps: count,
    tieMap,
    unit: z.string().exactOptional(),
    finalPasses: finalPasses.exactOptional(),
  }),
} as const satisfies { readonly [T in EventType]: { durability: Durability; schema: z.ZodType } };

/** Whether an event belongs to the run and its log; so does one of a type that is not known here. */
export const isDurable = ({ type }: { readonly type: EventType }): boolean =>
  !Object.hasOwn(EVENTS, type) || EVENTS[type].durability === 'durable';

/** Readonly all the way down, index signatures of loose objects left out: what can be compared. */
type Plain<T> = T extends readonly (infer Item)[]
  ? readonly Plain<Item>[]
  : T extends object
    ? { readonly [K in keyof T as IsLoose<T, K> extends true ? never : K]: Plain<T[K]> }
    : T;
/** `[name: string]: unknown` of a loose object; a record's own values are of a known type. */
type IsLoose<T, K extends keyof T> = string extends K ? (unknown extends T[K] ? true : false) : false;
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Read<T extends EventType> = z.output<(typeof EVENTS)[T]['schema']>;

/** A type of event whose schema and interface differ is `false` here, and does not compile. */
type Agreed = { readonly [T in EventType]: Same<Plain<EventOf<T>>, Plain<Read<T>>> };
type AllAgreed = { readonly [T in EventType]: true };
void (0 as unknown as Agreed satisfies AllAgreed);
