/**
 * The folder of a study, a set of trials with one question: `plan.json` says what it began with, and each trial has a
 * folder below it.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  describeIssues,
  InputError,
  savedConfigSchema,
  type FailedTrial,
  type KeptPlan,
  type RunConfig,
} from '@ligature/core';
import { makeFolders, writeJson } from '@ligature/core/node';
import { assertNoLinksOut, readJson } from '@ligature/run';
import { acquireRunLock } from '@ligature/trainer/node';
import { z } from 'zod';
import { planDigest } from './plan-digest.js';

/** What a study began with, and all that it needs to go on. */
export interface StudyPlan {
  /** Name of the entry: which study it is. */
  readonly study: string;
  /** What the trials have in common. */
  readonly config: RunConfig;
  /** The study's own settings: JSON, which its entry reads with a schema of its own. */
  readonly settings: unknown;
  /** Of a study whose plan was written down before it ran. */
  readonly kept?: KeptPlan;
}

const PLAN = 'plan.json';
const OUTCOME = 'outcome.json';

/** Plans of before studies were plug-ins; the first ones had no kind. */
const firstFormat = z
  .strictObject({
    format: z.literal(1),
    kind: z.string().default('comparison'),
    config: savedConfigSchema,
    study: z.unknown().optional(),
  })
  .transform(({ kind, config, study }): StudyPlan => {
    const audit = z.strictObject({ audit: z.string() }).safeParse(study).data?.audit;
    return kind === 'audit' && audit !== undefined
      ? { study: audit, config, settings: {} }
      : { study: kind, config, settings: study ?? {} };
  });
const planSchema = z.union([
  z
    .strictObject({
      format: z.literal(2),
      study: z.string().min(1),
      config: savedConfigSchema,
      settings: z.unknown(),
      digest: z.string().optional(),
    })
    .transform(({ study, config, settings }): StudyPlan => ({ study, config, settings })),
  firstFormat,
]);

export function isStudy(folder: string): boolean {
  return existsSync(join(folder, PLAN));
}

/** @throws InputError (`comparison-unreadable`) */
export function readStudy(folder: string): StudyPlan {
  const raw = readJson(join(folder, PLAN));
  const parsed = planSchema.safeParse(raw);
  if (parsed.success) {
    const kept = keptIn(raw);
    return { ...parsed.data, ...(kept && { kept }) };
  }
  throw unreadable(folder, describeIssues(parsed.error));
}

/** `undefined` where nothing was planned in writing. */
function keptIn(raw: unknown): KeptPlan | undefined {
  const { data } = z
    .looseObject({ study: z.string(), config: z.unknown(), settings: z.unknown(), digest: z.string() })
    .safeParse(raw);
  if (data === undefined) return undefined;
  const { study, config, settings, digest } = data;
  return { digest, changed: planDigest(study, config, settings) !== digest };
}

function unreadable(folder: string, found: string): InputError {
  return new InputError('comparison-unreadable', {
    asked: `Read the study in "${folder}"`,
    found: `its ${PLAN} is damaged: ${found}`,
    todo: 'Begin again, in a new folder',
  });
}

const outcomeSchema = z.strictObject({
  format: z.literal(1),
  failed: z.array(z.strictObject({ controller: z.string(), seed: z.number(), message: z.string() })),
  work: z.unknown().optional(),
});

/** What a study knows besides the results of its trials. */
export interface KeptOutcome {
  readonly failed: readonly FailedTrial[];
  readonly work?: unknown;
}

export function keepOutcome(folder: string, outcome: KeptOutcome): Promise<void> {
  return writeJson(join(folder, OUTCOME), { format: 1, ...outcome });
}

/** `undefined` where there is none, as in studies that were never summed up. */
export function keptOutcome(folder: string): KeptOutcome | undefined {
  return outcomeSchema.safeParse(readJson(join(folder, OUTCOME))).data;
}

/** A new study, or one that goes on with another plan: keeps other processes out while `work` runs, writes the plan first. */
export async function beginStudy<T>(folder: string, plan: StudyPlan, work: () => Promise<T>): Promise<T> {
  await makeFolders(folder);
  return locked(folder, async () => {
    const { study, config, settings, kept } = plan;
    const digest = config.plan && (kept?.digest ?? planDigest(study, config, settings));
    await writeJson(join(folder, PLAN), { format: 2, study, config, settings, ...(digest && { digest }) });
    return work();
  });
}

/** Goes on with a study: refuses links that lead out of the folder and keeps other processes out of it. */
export async function resumeStudy<T>(folder: string, work: () => Promise<T>): Promise<T> {
  assertNoLinksOut(folder);
  return locked(folder, work);
}

async function locked<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const lock = await acquireRunLock(folder);
  try {
    return await work();
  } finally {
    await lock.release();
  }
}
