/** Runs every trial of a comparison and puts the results side by side. */
import { join } from 'node:path';
import type { RunConfig } from '@ligature/core';
import { writeJson } from '@ligature/run';
import { planTrials } from './plan.js';
import type { Comparison } from './results.js';
import { runTrials, type TrialsOptions } from './run-trials.js';
import { beginStudy, readStudy, resumeStudy } from './study-folder.js';
import { summarize } from './summarize.js';

/** A new comparison in a folder of its own. @throws InputError (`run-locked`, `out-unwritable`) */
export function compareTrials(config: RunConfig, options: TrialsOptions): Promise<Comparison> {
  return beginStudy(options.folder, { kind: 'comparison', config }, () => compare(config, options, false));
}

/**
 * Goes on with a comparison that was stopped: finished trials are taken as they are, stopped ones go on at their
 * checkpoints, failed and missing ones are run.
 *
 * @throws InputError (`comparison-unreadable`, `run-locked`, `run-link-outside`)
 */
export function resumeComparison(options: TrialsOptions): Promise<Comparison> {
  return resumeStudy(options.folder, () => compare(readStudy(options.folder).config, options, true));
}

async function compare(config: RunConfig, options: TrialsOptions, resumed: boolean): Promise<Comparison> {
  const { finished, failed } = await runTrials({ ...options, plans: planTrials(config), resumed });
  const trials = finished.map(({ result }) => result);
  const comparison = summarize(config, trials, failed);
  writeJson(join(options.folder, 'comparison.json'), comparison);
  return comparison;
}
