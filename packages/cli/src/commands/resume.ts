/** `ligature resume RUN`: goes on with a run, or a comparison, where its newest good checkpoints left it. */
import { basename } from 'node:path';
import { isComparison, resumeTrial } from '@ligature/experiments';
import { z } from 'zod';
import { createHost } from '../builtins.js';
import { findRun } from '../run/folder.js';
import { goOn } from './compare.js';
import type { Context } from './context.js';
import { oneRun } from './one-run.js';
import { BACKEND_FLAGS, backendOverride, checkFlags, pluginNames } from './run-options.js';

const schema = z.object(BACKEND_FLAGS);

export async function resume(run: string, flags: Record<string, unknown>, context: Context): Promise<number> {
  const folder = findRun(run, context.io);
  if (isComparison(folder)) return goOn(folder, flags, context);
  const plugins = pluginNames(flags);
  const override = backendOverride(checkFlags(schema, flags, ['threads']));
  return oneRun(basename(folder), folder, createHost(), context, (env) =>
    resumeTrial(folder, { ...env, plugins }, override),
  );
}
