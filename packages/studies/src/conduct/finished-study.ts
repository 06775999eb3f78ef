/** A study that needs nothing more: what it says, from what lies in its folder. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PluginHost } from '@ligature/core';
import { withMeasurement } from '../presentation/measurement.js';
import { eventsBelow, finder, planned, type ConductedStudy } from './conduct.js';
import { folderStore } from './folder-store.js';
import { foundSoFar } from './further.js';
import { keptOutcome, readStudy } from './study-folder.js';
import { settleWith, underFormerIds } from './trial-state.js';

/**
 * What a study says of which every trial was completed, none failed, and which was summed up; `undefined` where anything
 * is left to do. Nothing is written.
 *
 * @throws InputError (`comparison-unreadable`, `unknown-study`)
 */
export async function finishedStudy(folder: string, host: PluginHost): Promise<ConductedStudy | undefined> {
  const { study: name, settings, config: saved, kept } = readStudy(folder);
  const outcome = keptOutcome(folder);
  if (outcome === undefined || outcome.failed.length > 0) return undefined;
  const settle = settleWith(host);
  const config = settle(saved);
  const study = await host.create('studies', name, settings, { host });
  if (study.work && outcome.work === undefined) return undefined;
  const store = folderStore(folder);
  const plan = await underFormerIds(planned(study, config), store, settle);
  const { trials, finished } = await foundSoFar(study, config, plan, finder(store, settle), []);
  if (finished.length < trials.length) return undefined;
  const { failed, work } = outcome;
  const events = eventsBelow(folder);
  const said = { config, trials, finished, failed, work, events, ...(kept && { plan: kept }) };
  const result = study.summarize(said);
  const document = withMeasurement(study.present(result), finished);
  return existsSync(join(folder, `${document.name}.json`)) ? { result, document } : undefined;
}
