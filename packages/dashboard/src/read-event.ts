/**
 * A line of an event log, checked: the folder may come from anywhere. Only what the page shows is read; whatever
 * has another type, or further fields, passes.
 */
import { parseJson } from '@ligature/core';
import { z } from 'zod';

/** Far more than any stack has, and little enough to draw. */
const MOST_LAYERS = 1024;
const MOST_VALUES = 4096;

const count = z.int().min(0);
/** JSON has `null` for numbers that are not finite. */
const real = z.number().nullable();
const tieMap = z
  .array(count)
  .min(1)
  .max(MOST_LAYERS)
  .refine((map) => map.every((owner, layer) => owner <= layer), { error: 'a layer uses a later one' });
const name = z.string().max(300);

const SCHEMAS = {
  'run.started': z.object({
    type: z.literal('run.started'),
    seed: z.number(),
    steps: count,
    controller: name,
    tieMap,
  }),
  'window.opened': z.object({ type: z.literal('window.opened'), window: count, step: count }),
  'tying.decided': z.object({
    type: z.literal('tying.decided'),
    window: count,
    layer: count.nullable(),
    source: count.nullable(),
    kind: z.enum(['layer', 'map', 'keep']),
    notes: z.object({
      explored: z.boolean().optional(),
      epsilon: real.optional(),
      values: z.array(real).max(MOST_VALUES).optional(),
    }),
  }),
  'tying.applied': z.object({ type: z.literal('tying.applied'), tieMap }),
  'step.completed': z.object({
    type: z.literal('step.completed'),
    step: count,
    loss: real,
    tokens: count,
    durationMs: z.number().min(0),
  }),
  'reward.measured': z.object({ type: z.literal('reward.measured'), window: count, reward: real }),
  'evaluation.completed': z.object({
    type: z.literal('evaluation.completed'),
    step: count,
    split: z.enum(['train', 'validation', 'test']),
    metrics: z.looseObject({ nats: real.optional() }),
  }),
  'diagnostic.raised': z.object({ type: z.literal('diagnostic.raised') }),
  'run.diverged': z.object({ type: z.literal('run.diverged'), resumedStep: count.nullish() }),
  'run.completed': z.object({ type: z.literal('run.completed'), step: count }),
  'run.failed': z.object({ type: z.literal('run.failed'), step: count }),
} as const;

export type ShownEvent = { [T in keyof typeof SCHEMAS]: z.output<(typeof SCHEMAS)[T]> }[keyof typeof SCHEMAS];

const typed = z.looseObject({ type: z.string() });

/** @returns the event; `undefined` for one that the page does not show; `damaged` for what is no event */
export function readEvent(line: string): ShownEvent | undefined | 'damaged' {
  let value: unknown;
  try {
    value = parseJson(line);
  } catch {
    return 'damaged';
  }
  const event = typed.safeParse(value);
  if (!event.success) return 'damaged';
  const { type } = event.data;
  if (!Object.hasOwn(SCHEMAS, type)) return undefined;
  const parsed = SCHEMAS[type as keyof typeof SCHEMAS].safeParse(value);
  return parsed.success ? parsed.data : 'damaged';
}
