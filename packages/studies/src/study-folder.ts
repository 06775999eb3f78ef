/**
 * The folder of a study, a set of trials with one question: `plan.json` says what it began with, and each trial has a
 * folder below it. Comparisons, sweeps, landscapes, retrainings and audits are studies.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describeIssues, InputError, runConfigSchema, type RunConfig } from '@ligature/core';
import { assertNoLinksOut, makeFolders, readJson, writeJson } from '@ligature/run';
import { acquireRunLock } from '@ligature/trainer';
import { z } from 'zod';

export const STUDY_KINDS = ['comparison', 'sweep', 'landscape', 'retraining', 'audit'] as const;
export type StudyKind = (typeof STUDY_KINDS)[number];

/** What a study began with, and all that it needs to go on. */
export interface StudyPlan {
  readonly kind: StudyKind;
  /** What the trials have in common. */
  readonly config: RunConfig;
  /** The kind's own settings: JSON, which the kind reads with a schema of its own. */
  readonly study?: unknown;
}

const PLAN = 'plan.json';
const planSchema = z.strictObject({
  format: z.literal(1),
  // Plans of before there were other studies.
  kind: z.enum(STUDY_KINDS).default('comparison'),
  config: runConfigSchema,
  study: z.unknown().optional(),
});

export function isStudy(folder: string): boolean {
  return existsSync(join(folder, PLAN));
}

/** @throws InputError (`comparison-unreadable`) when it is a study whose plan cannot be read */
export function studyKind(folder: string): StudyKind | undefined {
  return isStudy(folder) ? readStudy(folder).kind : undefined;
}

/** @throws InputError (`comparison-unreadable`) */
export function readStudy(folder: string): StudyPlan {
  const parsed = planSchema.safeParse(readJson(join(folder, PLAN)));
  if (parsed.success) return parsed.data;
  throw unreadable(folder, describeIssues(parsed.error));
}

/**
 * The settings of a study of one kind, read with its schema.
 *
 * @throws InputError (`comparison-unreadable`) when they do not fit, or the folder holds another kind of study
 */
export function studySettings<S extends z.ZodType>(
  folder: string,
  kind: StudyKind,
  schema: S,
): { readonly config: RunConfig; readonly study: z.output<S> } {
  const plan = readStudy(folder);
  if (plan.kind !== kind) throw unreadable(folder, `it is the plan of a ${plan.kind}, not of a ${kind}`);
  const parsed = schema.safeParse(plan.study);
  if (!parsed.success) throw unreadable(folder, describeIssues(parsed.error));
  return { config: plan.config, study: parsed.data };
}

function unreadable(folder: string, found: string): InputError {
  return new InputError('comparison-unreadable', {
    asked: `Read the study in "${folder}"`,
    found: `its ${PLAN} is damaged: ${found}`,
    todo: 'Begin again, in a new folder',
  });
}

/** A new study: makes the folder, keeps other processes out of it while `work` runs, writes the plan first. */
export async function beginStudy<T>(folder: string, plan: StudyPlan, work: () => Promise<T>): Promise<T> {
  makeFolders(folder);
  return locked(folder, () => {
    writeJson(join(folder, PLAN), { format: 1, ...plan });
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
