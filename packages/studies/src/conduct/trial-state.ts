/** What the store says of a trial when its study goes on: whether it is finished, or can go on, and on which backend. */
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  InputError,
  savedConfigSchema,
  settleConfig,
  type Choice,
  type PlannedTrial,
  type PluginHost,
  type RunConfig,
  type TrialResult,
  type TrialStore,
} from '@ligature/core';
import { readTrialResult } from '@ligature/run';
import { CheckpointStore } from '@ligature/trainer/node';
import { z } from 'zod';
import { formerIds } from './trial-id.js';

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

/** The same with the options of what is chosen besides: two configurations that mean one run become equal. */
export const settleWhole =
  (host: PluginHost) =>
  (config: RunConfig): unknown => {
    const { controller, dataset, tokenizer, ...rest } = settleWith(host)(config);
    const whole = (kind: 'controllers' | 'datasets' | 'tokenizers', chosen: Choice | null): unknown => {
      try {
        return chosen && { name: chosen.name, options: host.options(kind, chosen.name, chosen.options) };
      } catch (error) {
        // A path, or what this host does not have.
        if (error instanceof InputError) return chosen;
        throw error;
      }
    };
    return {
      ...rest,
      controller: whole('controllers', controller),
      dataset: whole('datasets', dataset),
      tokenizer: whole('tokenizers', tokenizer),
    };
  };

/** Trials by the names of their folders: where one lies under what an earlier version called it, by that. */
export async function underFormerIds(
  trials: readonly PlannedTrial[],
  store: TrialStore,
  settle: Settle,
): Promise<readonly PlannedTrial[]> {
  const named: PlannedTrial[] = [];
  for (const trial of trials) {
    named.push((await formerOf(trial, store, settle)) ?? trial);
  }
  return named;
}

async function formerOf(
  trial: PlannedTrial,
  store: TrialStore,
  settle: Settle,
): Promise<PlannedTrial | undefined> {
  const former = formerIds(trial);
  if (former.length === 0 || (await store.files(trial.id)).length > 0) return undefined;
  for (const id of former) {
    // Several trials shared it: it is that of the last one.
    const config = savedConfigSchema.safeParse(await readJson(store, id, 'config.json'));
    if (config.success && isOfPlan(trial, { config: config.data }, settle)) return { ...trial, id };
  }
  return undefined;
}

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

const completed = z.looseObject({ outcome: z.literal('completed') });

/**
 * Whether a trial that is not finished can go on where it was stopped. What one left that never came to a checkpoint is
 * removed; so is the result of a completed run, which is of another configuration then: as it stands, the run would not go on.
 */
export async function canGoOn(trial: PlannedTrial, store: TrialStore): Promise<boolean> {
  const files = await store.files(trial.id);
  if (files.length === 0) return false;
  // Elsewhere whoever goes on looks for the newest good one among them.
  const begun = store.place
    ? (await new CheckpointStore(join(store.place(trial.id), 'checkpoints')).latest()) !== undefined
    : files.some((file) => file.startsWith('checkpoints/'));
  if (!begun) await store.remove(trial.id);
  else if (completed.safeParse(await readJson(store, trial.id, 'result.json')).success) {
    await store.remove(trial.id, 'result.json');
  }
  return begun;
}

const saysBackend = z.looseObject({ backend: z.looseObject({ name: z.string().min(1) }) });

/** The backend that the first of these trials began on, by their manifests or results; `undefined` when none has begun. */
export async function backendOf(
  trials: readonly PlannedTrial[],
  store: TrialStore,
): Promise<string | undefined> {
  for (const { id } of trials) {
    for (const file of ['manifest.json', 'result.json']) {
      const { data } = saysBackend.safeParse(await readJson(store, id, file));
      if (data !== undefined) return data.backend.name;
    }
  }
  return undefined;
}

/** `undefined` where there is none, or it is damaged. */
export async function readJson(store: TrialStore, trial: string, file: string): Promise<unknown> {
  const content = await store.read(trial, file);
  try {
    return content === undefined ? undefined : JSON.parse(new TextDecoder().decode(content));
  } catch {
    return undefined;
  }
}
