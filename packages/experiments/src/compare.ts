/** Runs every trial of a comparison, one after another, and puts the results side by side. */
import { join } from 'node:path';
import { ContractError, type RunConfig } from '@ligature/core';
import { acquireRunLock } from '@ligature/trainer';
import { canGoOn, finishedTrial, isOfPlan, readPlan, writePlan } from './comparison-folder.js';
import { planTrials, type TrialPlan } from './plan.js';
import type { Comparison, FailedTrial, TrialResult } from './results.js';
import { assertNoLinksOut, makeFolders, writeJson } from './run-folder.js';
import { summarize } from './summarize.js';

export interface CompareOptions {
  /**
   * Runs one trial; the command gives each a process of its own, so that peak memory is the trial's.
   *
   * @param begun it has been stopped at a checkpoint in its folder, and is to go on there
   */
  readonly execute: (plan: TrialPlan, folder: string, begun: boolean) => Promise<TrialResult>;
  /** The folder of the comparison; each trial gets one below it. */
  readonly folder: string;
  /** No further trial starts once it is aborted; the results so far are returned. */
  readonly signal?: AbortSignal;
  /** Told of each trial that failed; the others go on. */
  readonly onFailure?: (plan: TrialPlan, error: unknown) => void;
  /** Told of each trial that a resumed comparison takes as it is. */
  readonly onFinished?: (plan: TrialPlan, result: TrialResult) => void;
}

/** A new comparison in a folder of its own. @throws InputError (`run-locked`, `out-unwritable`) */
export async function compareTrials(config: RunConfig, options: CompareOptions): Promise<Comparison> {
  makeFolders(options.folder);
  return locked(options.folder, () => {
    writePlan(options.folder, config);
    return compare(config, options, false);
  });
}

/**
 * Goes on with a comparison that was stopped: finished trials are taken as they are, stopped ones go on at their
 * checkpoints, failed and missing ones are run.
 *
 * @throws InputError (`comparison-unreadable`, `run-locked`, `run-link-outside`)
 */
export async function resumeComparison(options: CompareOptions): Promise<Comparison> {
  assertNoLinksOut(options.folder);
  return locked(options.folder, () => compare(readPlan(options.folder), options, true));
}

async function locked<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const lock = await acquireRunLock(folder);
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

async function compare(config: RunConfig, options: CompareOptions, resumed: boolean): Promise<Comparison> {
  const trials: TrialResult[] = [];
  const failed: FailedTrial[] = [];
  for (const plan of planTrials(config)) {
    const folder = join(options.folder, plan.folderName);
    const finished = resumed ? finishedTrial(plan, folder) : undefined;
    if (finished) {
      trials.push(finished);
      options.onFinished?.(plan, finished);
      continue;
    }
    // What comes after may be finished all the same.
    if (options.signal?.aborted) continue;
    try {
      const begun = resumed && (await canGoOn(folder));
      const result = await options.execute(plan, folder, begun);
      if (begun && !isOfPlan(plan, result)) throw strange(plan, folder);
      // A trial that was stopped early saw fewer tokens: it would not be a fair line of the table.
      if (result.outcome === 'completed') trials.push(result);
    } catch (error) {
      failed.push({
        controller: plan.label,
        seed: plan.seed,
        message: error instanceof Error ? error.message : String(error),
      });
      options.onFailure?.(plan, error);
    }
  }
  const comparison = summarize(config, trials, failed);
  writeJson(join(options.folder, 'comparison.json'), comparison);
  return comparison;
}

function strange(plan: TrialPlan, folder: string): ContractError {
  return new ContractError('trial-strange', {
    asked: `Go on with ${plan.label}, seed ${plan.seed}`,
    found: `the run in "${folder}" has another configuration than the comparison`,
    todo: 'Move that folder away; the trial is run anew then',
  });
}
