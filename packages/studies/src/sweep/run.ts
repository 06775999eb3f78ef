/** Runs every trial of a sweep and puts the configurations side by side. */
import { join } from 'node:path';
import type { RunConfig } from '@ligature/core';
import { assertNoLinksOut, writeJson } from '@ligature/run';
import { runTrials, type TrialsOptions } from '../run-trials.js';
import { beginStudy, resumeStudy, studySettings } from '../study-folder.js';
import { planSweep, sweepPlanSchema, type SweepPlan } from './plan.js';
import { summarizeSweep } from './summarize.js';
import type { Sweep } from './types.js';

/**
 * A new sweep in a folder of its own.
 *
 * @param config what all configurations have in common
 * @throws InputError (`run-locked`, `out-unwritable`)
 */
export function runSweep(config: RunConfig, plan: SweepPlan, options: TrialsOptions): Promise<Sweep> {
  const begun = { kind: 'sweep', config, study: plan } as const;
  return beginStudy(options.folder, begun, () => sweep(config, plan, options, false));
}

/** What a sweep began with. @throws InputError (`comparison-unreadable`) */
export function readSweepPlan(folder: string): { readonly config: RunConfig; readonly plan: SweepPlan } {
  const { config, study } = studySettings(folder, 'sweep', sweepPlanSchema);
  return { config, plan: study };
}

/**
 * Goes on with a sweep that was stopped, or that now has more configurations or seeds: finished trials are taken as they
 * are, stopped ones go on at their checkpoints, the others are run.
 *
 * @param extended what to do from now on; left out: what the sweep began with
 * @throws InputError (`comparison-unreadable`, `run-locked`, `run-link-outside`)
 */
export function resumeSweep(options: TrialsOptions, extended?: SweepPlan): Promise<Sweep> {
  const { folder } = options;
  const { config, plan } = readSweepPlan(folder);
  if (extended === undefined) return resumeStudy(folder, () => sweep(config, plan, options, true));
  assertNoLinksOut(folder);
  return beginStudy(folder, { kind: 'sweep', config, study: extended }, () =>
    sweep(config, extended, options, true),
  );
}

async function sweep(
  config: RunConfig,
  plan: SweepPlan,
  options: TrialsOptions,
  resumed: boolean,
): Promise<Sweep> {
  const plans = planSweep(plan);
  const { finished, failed } = await runTrials({ ...options, plans, resumed });
  const result = summarizeSweep(config, plan, finished, failed);
  writeJson(join(options.folder, 'sweep.json'), result);
  return result;
}
