/** Trains the tie maps of a small stack, each fixed from the first step on, and says what separates them. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RunConfig } from '@ligature/core';
import { writeJson } from '@ligature/run';
import { runTrials, type TrialsOptions } from '../run-trials.js';
import { beginStudy, resumeStudy, studySettings } from '../study-folder.js';
import { landscapeSettingsSchema, planLandscape, type LandscapeSettings } from './plan.js';
import { summarizeLandscape } from './summarize.js';
import type { Landscape } from './types.js';

/** A new landscape in a folder of its own. @throws InputError (`run-locked`, `out-unwritable`, those of the plan) */
export function trainLandscape(
  config: RunConfig,
  settings: LandscapeSettings,
  options: TrialsOptions,
): Promise<Landscape> {
  const plan = { kind: 'landscape', config, study: settings } as const;
  return beginStudy(options.folder, plan, () => train(config, settings, options, false));
}

/**
 * Goes on with a landscape that was stopped: finished trials are taken as they are.
 *
 * @throws InputError (`comparison-unreadable`, `run-locked`, `run-link-outside`)
 */
export function resumeLandscape(options: TrialsOptions): Promise<Landscape> {
  return resumeStudy(options.folder, () => {
    const { config, study } = readLandscape(options.folder);
    return train(config, study, options, true);
  });
}

/** What a landscape began with. @throws InputError (`comparison-unreadable`) */
export function readLandscape(folder: string): {
  readonly config: RunConfig;
  readonly study: LandscapeSettings;
} {
  return studySettings(folder, 'landscape', landscapeSettingsSchema);
}

async function train(
  config: RunConfig,
  settings: LandscapeSettings,
  options: TrialsOptions,
  resumed: boolean,
): Promise<Landscape> {
  const plan = planLandscape(config, settings);
  const execute: TrialsOptions['execute'] = async (trial, folder, start) => {
    const result = await options.execute(trial, folder, start);
    // Hundreds of models would fill a disk, and nothing reads them again.
    if (result.outcome === 'completed' && !settings.keepModels) {
      rmSync(join(folder, 'checkpoints'), { recursive: true, force: true });
    }
    return result;
  };
  const outcome = await runTrials({ ...options, execute, plans: plan.plans, resumed });
  const landscape = summarizeLandscape(config, plan, outcome);
  writeJson(join(options.folder, 'landscape.json'), landscape);
  return landscape;
}
