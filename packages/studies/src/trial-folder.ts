/** What the folder of a trial says when its study goes on: whether it is finished, or can go on, and on which backend. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { runConfigSchema } from '@ligature/core';
import { beganOn, readJson, type TrialResult } from '@ligature/run';
import { CheckpointStore } from '@ligature/trainer';
import { z } from 'zod';
import type { TrialPlan } from './plan.js';

// What the table, the statistics and the files are made from; JSON has no NaN and no infinity, and keeps null.
const metrics = z.record(
  z.string(),
  z
    .number()
    .nullable()
    .transform((value) => value ?? Number.NaN),
);
const count = z.number().min(0);
const resultSchema = z.looseObject({
  controller: z.string(),
  seed: count,
  outcome: z.literal('completed'),
  steps: count,
  tokens: count,
  validation: metrics,
  test: metrics,
  summary: metrics,
  ledger: z.looseObject({
    layers: count,
    independentLayers: count,
    uniqueParameters: count,
    trainableParameters: count,
    totalParameters: count,
  }),
  tieMap: z.array(count),
  tieMaps: z.array(z.strictObject({ step: count, window: count, tieMap: z.array(count) })),
  losses: z.array(z.strictObject({ step: count, loss: z.number() })),
  diagnostics: z.array(z.strictObject({ code: z.string(), window: count, message: z.string() })),
  memory: z.strictObject({ backendBytes: count, residentBytes: count }),
  tokensPerSecond: count,
  trainingSeconds: count,
  text: z.looseObject({ vocabularySize: count, trainingTokens: count }),
  backend: z.strictObject({ name: z.string(), version: z.string(), detail: z.string() }),
  config: z.unknown(),
});

/** The result of a trial that has been completed; `undefined` when it was not, or was with another configuration. */
export function finishedTrial(plan: TrialPlan, folder: string): TrialResult | undefined {
  const parsed = resultSchema.safeParse(readJson(join(folder, 'result.json')));
  if (!parsed.success || !isOfPlan(plan, parsed.data)) return undefined;
  return { ...parsed.data, config: plan.config, folder } as unknown as TrialResult;
}

/** Whether a result is of this very trial, whatever its folder is called. */
export function isOfPlan(plan: TrialPlan, result: { readonly config: unknown }): boolean {
  // One of before a field was there has its default.
  const { data } = runConfigSchema.safeParse(result.config);
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  return data !== undefined && isDeepStrictEqual(plain(data), plain(plan.config));
}

/** Whether a trial can go on where it was stopped; what one left that never came to a checkpoint is removed. */
export async function canGoOn(folder: string): Promise<boolean> {
  if (!existsSync(folder)) return false;
  if (await new CheckpointStore(join(folder, 'checkpoints')).latest()) return true;
  rmSync(folder, { recursive: true, force: true });
  return false;
}

/** The backend that the first of these trials began on; `undefined` when none has begun. */
export function backendOf(folders: readonly string[]): string | undefined {
  for (const folder of folders) {
    const name = beganOn(folder);
    if (name !== undefined) return name;
  }
  return undefined;
}
