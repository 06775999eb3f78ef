/** `ligature resume RUN`: goes on with a run, or a study, where its newest good checkpoints left it. */
import { basename } from 'node:path';
import { InputError } from '@ligature/core';
import { resumeTrial } from '@ligature/run';
import { studyKind, type StudyKind } from '@ligature/studies';
import { z } from 'zod';
import { createHost } from '../builtins.js';
import { findRun } from '../run/folder.js';
import type { Context } from './context.js';
import { oneRun } from './one-run.js';
import { BACKEND_FLAGS, backendOverride, checkFlags, pluginNames } from './run-options.js';

const schema = z.object(BACKEND_FLAGS);

/** Goes on with a study. @param plugins those that the command line names */
export type ResumeStudy = (
  folder: string,
  plugins: readonly string[],
  context: Context,
  flags: Readonly<Record<string, unknown>>,
) => Promise<number>;

/** Each kind of study is resumed by the command that makes it. */
const STUDIES: Readonly<Partial<Record<StudyKind, () => Promise<ResumeStudy>>>> = {
  comparison: async () => (await import('./compare.js')).resumeCompare,
  sweep: async () => (await import('./sweep.js')).resumeSweepStudy,
  landscape: async () => (await import('./landscape.js')).resumeLandscapeStudy,
  retraining: async () => (await import('./retrain.js')).resumeRetrainingStudy,
  audit: async () => (await import('./audit.js')).resumeAuditStudy,
};

export async function resume(run: string, flags: Record<string, unknown>, context: Context): Promise<number> {
  const folder = findRun(run, context.io);
  const plugins = pluginNames(flags);
  const kind = studyKind(folder);
  if (kind !== 'sweep') refuseMore(run, flags);
  if (kind !== undefined) {
    refuseOtherBackend(kind, flags);
    const load = STUDIES[kind];
    if (load) return (await load())(folder, plugins, context, flags);
    throw new InputError('study-unknown', {
      asked: `Go on with "${run}"`,
      found: `it is a ${kind}, which this version cannot go on with`,
      todo: 'Use the version of Ligature that began it',
    });
  }
  const override = backendOverride(checkFlags(schema, flags, ['threads']));
  const shownRun = { label: basename(folder), folder, host: createHost(), plugins };
  return oneRun(shownRun, context, (env) => resumeTrial(folder, { ...env, plugins }, override));
}

function refuseMore(run: string, flags: Readonly<Record<string, unknown>>): void {
  for (const flag of ['samples', 'seeds']) {
    if (flags[flag] === undefined) continue;
    throw new InputError('flag-misplaced', {
      asked: `Go on with "${run}" with --${flag}`,
      found: 'it is no sweep, and only a sweep grows',
      todo: `Leave out --${flag}`,
    });
  }
}

function refuseOtherBackend(kind: StudyKind, flags: Readonly<Record<string, unknown>>): void {
  for (const flag of ['backend', 'threads']) {
    if (flags[flag] === undefined) continue;
    throw new InputError('flag-misplaced', {
      asked: `Go on with a ${kind} with --${flag}`,
      found: 'its trials would no longer be computed alike',
      todo: `Leave out --${flag}`,
    });
  }
}
