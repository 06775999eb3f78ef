/** What the store says of a trial when its study goes on: whether it is finished, or can go on, and on which backend. */
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  InputError,
  settleConfig,
  type PlannedTrial,
  type PluginHost,
  type RunConfig,
  type TrialResult,
  type TrialStore,
} from '@ligature/core';
import { readTrialResult } from '@ligature/run';
import { CheckpointStore } from '@ligature/trainer/node';
import { z } from 'zod';

/** Writes out what a configuration leaves to the plug-ins: a plan may do so, a result always has. */
export type Settle = (config: RunConfig) => RunConfig;

/** Leaves those as they are that name what this host does not have: whoever only looks at a study need not have it. */
export const settleWith =
  (host: PluginHost): Settle =>
  (config) => {
    try {
      return settleConfig(config, host);
    } catch (error) {
      if (error instanceof InputError) return config;
      throw error;
    }
  };

/** The result of a trial that has been completed; `undefined` when it was not, or was with another configuration. */
export async function finishedTrial(
  trial: PlannedTrial,
  store: TrialStore,
  settle: Settle,
): Promise<TrialResult | undefined> {
  const read = readTrialResult(await readJson(store, trial.id, 'result.json'));
  if (!('result' in read)) return undefined;
  const { result } = read;
  if (result.outcome !== 'completed' || !isOfPlan(trial, result, settle)) return undefined;
  return { ...result, config: settle(trial.config), folder: store.place?.(trial.id) ?? trial.id };
}

/** Whether a result is of this very trial, whatever its folder is called. */
export function isOfPlan(
  trial: PlannedTrial,
  result: { readonly config: RunConfig },
  settle: Settle,
): boolean {
  // Results of before weights could be chosen do not say where theirs came from.
  const { weights } = result.config.weights.from === null ? trial.config : result.config;
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  return isDeepStrictEqual(plain(settle({ ...result.config, weights })), plain(settle(trial.config)));
}

/** Whether a trial can go on where it was stopped; what one left that never came to a checkpoint is removed. */
export async function canGoOn(trial: PlannedTrial, store: TrialStore): Promise<boolean> {
  const files = await store.files(trial.id);
  if (files.length === 0) return false;
  // Elsewhere whoever goes on looks for the newest good one among them.
  const begun = store.place
    ? (await new CheckpointStore(join(store.place(trial.id), 'checkpoints')).latest()) !== undefined
    : files.some((file) => file.startsWith('checkpoints/'));
  if (!begun) await store.remove(trial.id);
  return begun;
}

const manifest = z.looseObject({ backend: z.looseObject({ name: z.string().min(1) }) });

/** The backend that the first of these trials began on; `undefined` when none has begun. */
export async function backendOf(
  trials: readonly PlannedTrial[],
  store: TrialStore,
): Promise<string | undefined> {
  for (const { id } of trials) {
    const { data } = manifest.safeParse(await readJson(store, id, 'manifest.json'));
    if (data !== undefined) return data.backend.name;
  }
  return undefined;
}

async function readJson(store: TrialStore, trial: string, file: string): Promise<unknown> {
  const content = await store.read(trial, file);
  try {
    return content === undefined ? undefined : JSON.parse(new TextDecoder().decode(content));
  } catch {
    return undefined;
  }
}
