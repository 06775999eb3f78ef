/** `result.json` as it is read: whoever reads one reads it with this. */
import { describeIssues, savedConfigSchema, type RunConfig, type TrialResult } from '@ligature/core';
import { z } from 'zod';
import { LANGUAGE_MODEL } from './metrics.js';

// JSON has no NaN and no infinity, and keeps null.
const number = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);
const metrics = z.record(z.string(), number);
const count = z.number().min(0);
const map = z.array(count);
const facts = z.record(z.string(), z.union([z.number(), z.string()]));
const amounts = z.looseObject({
  weights: count,
  gradients: count,
  moments: count,
  activations: count,
});

export const metricSpecSchema = z.strictObject({
  name: z.string().min(1),
  unit: z.string(),
  better: z.enum(['lower', 'higher']),
  label: z.string().min(1).optional(),
});

export const measuredFloorsSchema = z.array(
  z.looseObject({ name: z.string(), description: z.string(), validation: metrics, test: metrics }),
);

const ledger = z.looseObject({
  layers: count,
  independentLayers: count,
  uniqueParameters: count,
  trainableParameters: count,
  totalParameters: count,
  bytes: amounts.optional(),
});

export const trialResultSchema = z.looseObject({
  controller: z.string(),
  seed: count,
  task: z.string().default(LANGUAGE_MODEL.task),
  unit: z.string().default(LANGUAGE_MODEL.unit),
  lossUnit: z.string().default(LANGUAGE_MODEL.lossUnit),
  metrics: z
    .array(metricSpecSchema)
    .min(1)
    .default(() => [...LANGUAGE_MODEL.metrics]),
  outcome: z.enum(['completed', 'stopped']),
  steps: count,
  tokens: count,
  validation: metrics,
  test: metrics,
  subset: z
    .partialRecord(
      z.enum(['validation', 'test']),
      z.strictObject({ batches: count, of: count, apart: count.optional() }),
    )
    .optional(),
  summary: metrics,
  floors: measuredFloorsSchema.optional(),
  ledger,
  tieMap: map,
  best: z
    .looseObject({
      step: count,
      value: number,
      last: z.looseObject({ value: number, tieMap: map, ledger }),
    })
    .optional(),
  tieMaps: z.array(z.strictObject({ step: count, window: count, tieMap: map })),
  losses: z.array(z.strictObject({ step: count, loss: number })),
  diagnostics: z.array(z.strictObject({ code: z.string(), window: count, message: z.string() })),
  memory: z.strictObject({ backendBytes: count, residentBytes: count }),
  tokensPerSecond: count,
  trainingSeconds: count,
  trainingFlops: count.optional(),
  measuring: z.strictObject({ tokens: count, flops: count }).optional(),
  data: facts.optional(),
  digests: z.record(z.string(), z.string()).optional(),
  // Results of before there were tasks.
  text: facts.optional(),
  backend: z.strictObject({ name: z.string(), version: z.string(), detail: z.string() }),
  folder: z.string().default(''),
  // One of before a field was there has its default.
  config: savedConfigSchema,
});

export type ReadResult = { readonly result: TrialResult } | { readonly found: string };

/** @param value what the JSON file holds */
export function readTrialResult(value: unknown): ReadResult {
  const parsed = trialResultSchema.safeParse(value);
  if (!parsed.success) return { found: describeIssues(parsed.error) };
  const { text, data = text ?? {}, ...rest } = parsed.data;
  return { result: { ...rest, data } as unknown as TrialResult & { readonly config: RunConfig } };
}
