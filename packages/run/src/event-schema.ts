/**
 * What a line of an event log must hold. A log may come from anywhere, and a resumed run gathers its result from it:
 * the fields that are read are checked, others pass.
 */
import type { LigatureEvent } from '@ligature/core';
import { z } from 'zod';

const count = z.int().min(0);
/** JSON has `null` for numbers that are not finite. */
const real = z.number().nullable();
const tieMap = z.array(count);

const READ: Readonly<Record<string, z.ZodType>> = {
  'run.started': z.looseObject({ tieMap }),
  'window.opened': z.looseObject({ step: count }),
  'tying.applied': z.looseObject({ window: count, tieMap }),
  'step.completed': z.looseObject({ step: count, loss: real, tokens: count, durationMs: z.number().min(0) }),
  'evaluation.completed': z.looseObject({
    split: z.enum(['train', 'validation', 'test']),
    step: count,
    metrics: z.record(z.string(), real),
  }),
  'diagnostic.raised': z.looseObject({ code: z.string(), window: count, message: z.string() }),
  'run.diverged': z.looseObject({ resumedStep: count.nullish() }),
} satisfies Partial<Record<LigatureEvent['type'], z.ZodType>>;

const typed = z.looseObject({ type: z.string() });

export function isEvent(value: unknown): value is LigatureEvent {
  const event = typed.safeParse(value);
  if (!event.success) return false;
  const schema = Object.hasOwn(READ, event.data.type) ? READ[event.data.type] : undefined;
  return schema === undefined || schema.safeParse(value).success;
}
