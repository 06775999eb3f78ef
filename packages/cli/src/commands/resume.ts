/** `ligature resume RUN`: goes on with a run, or a study, where its newest good checkpoints left it. */
import { basename } from 'node:path';
import { InputError } from '@ligature/core';
import { resumeTrial } from '@ligature/run';
import { isStudy } from '@ligature/studies';
import { z } from 'zod';
import { createHost } from '../builtins.js';
import { findRun } from '../folders/folder.js';
import { flagName } from '../config/model-flags.js';
import type { Context } from './context.js';
import { resumeFinishedRun } from './finished.js';
import { oneRun } from './one-run.js';
import { BACKEND_FLAGS, backendOverride, checkFlags, pluginNames } from './run-options.js';
import { resumeStudy } from './study.js';

const schema = z.object(BACKEND_FLAGS);

/** Flags that a run knows, too; all others are of studies. */
const OF_A_RUN = [...Object.keys(BACKEND_FLAGS), 'plugins', 'json', 'quiet', 'verbose'];

export async function resume(run: string, flags: Record<string, unknown>, context: Context): Promise<number> {
  const folder = findRun(run, context.io);
  if (isStudy(folder)) return resumeStudy(folder, flags, context);
  refuseMore(run, flags);
  const plugins = pluginNames(flags);
  const override = backendOverride(checkFlags(schema, flags, ['threads']));
  const host = createHost();
  const finished = await resumeFinishedRun(folder, host, context);
  if (finished !== undefined) return finished;
  const shownRun = { label: basename(folder), folder, host, plugins };
  return oneRun(shownRun, context, (env) => resumeTrial(folder, { ...env, plugins }, override));
}

/** What only a study takes. */
function refuseMore(run: string, flags: Readonly<Record<string, unknown>>): void {
  for (const [flag, value] of Object.entries(flags)) {
    if (value === undefined || OF_A_RUN.includes(flag)) continue;
    throw new InputError('flag-misplaced', {
      asked: `Go on with "${run}" with ${flagName(flag)}`,
      found: 'it is one run, and no study',
      todo: `Leave out ${flagName(flag)}`,
    });
  }
}
