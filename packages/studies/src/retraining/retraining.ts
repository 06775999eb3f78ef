/** Trains a run's final map again: by itself, beside random ones, and going on from the run's own model. */
import { join } from 'node:path';
import type { RunConfig } from '@ligature/core';
import { writeJson } from '@ligature/run';
import { runTrials, type TrialsOptions } from '../run-trials.js';
import { beginStudy, resumeStudy, studySettings } from '../study-folder.js';
import { planRetraining, retrainingSettingsSchema, type RetrainingSettings } from './plan.js';
import { keepStart, type RetrainingSource } from './source.js';
import { summarizeRetraining } from './summarize.js';
import type { Retraining } from './types.js';

/**
 * A new retraining in a folder of its own.
 *
 * @param config of the trials: the run's, with the seeds to train
 * @throws InputError (`run-locked`, `out-unwritable`)
 */
export function retrain(
  source: RetrainingSource,
  config: RunConfig,
  settings: RetrainingSettings,
  options: TrialsOptions,
): Promise<Retraining> {
  const plan = { kind: 'retraining', config, study: settings } as const;
  return beginStudy(options.folder, plan, () => {
    keepStart(source, options.folder);
    return train(config, settings, options, false);
  });
}

/**
 * Goes on with a retraining that was stopped: finished trials are taken as they are.
 *
 * @throws InputError (`comparison-unreadable`, `run-locked`, `run-link-outside`)
 */
export function resumeRetraining(options: TrialsOptions): Promise<Retraining> {
  return resumeStudy(options.folder, () => {
    const { config, study } = readRetraining(options.folder);
    return train(config, study, options, true);
  });
}

/** What a retraining began with. @throws InputError (`comparison-unreadable`) */
export function readRetraining(folder: string): {
  readonly config: RunConfig;
  readonly study: RetrainingSettings;
} {
  return studySettings(folder, 'retraining', retrainingSettingsSchema);
}

async function train(
  config: RunConfig,
  settings: RetrainingSettings,
  options: TrialsOptions,
  resumed: boolean,
): Promise<Retraining> {
  const trials = planRetraining(config, settings, options.folder);
  const outcome = await runTrials({ ...options, plans: trials.map(({ plan }) => plan), resumed });
  const retraining = summarizeRetraining(config, settings, trials, outcome);
  writeJson(join(options.folder, 'retraining.json'), retraining);
  return retraining;
}
