/** Runs every trial of a comparison, one after another, and puts the results side by side. */
import { join } from 'node:path';
import type { RunConfig } from '@ligature/core';
import { planTrials, type TrialPlan } from './plan.js';
import type { Comparison, FailedTrial, TrialResult } from './results.js';
import { writeJson } from './run-folder.js';
import { summarize } from './summarize.js';

export interface CompareOptions {
  /** Runs one trial; the command gives each a process of its own, so that peak memory is the trial's. */
  readonly execute: (plan: TrialPlan, folder: string) => Promise<TrialResult>;
  /** The folder of the comparison; each trial gets one below it. */
  readonly folder: string;
  /** No further trial starts once it is aborted; the results so far are returned. */
  readonly signal?: AbortSignal;
  /** Told of each trial that failed; the others go on. */
  readonly onFailure?: (plan: TrialPlan, error: unknown) => void;
}

export async function compareTrials(config: RunConfig, options: CompareOptions): Promise<Comparison> {
  const plans = planTrials(config);
  const trials: TrialResult[] = [];
  const failed: FailedTrial[] = [];
  for (const plan of plans) {
    if (options.signal?.aborted) break;
    try {
      const result = await options.execute(plan, join(options.folder, plan.folderName));
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
