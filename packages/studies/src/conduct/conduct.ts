/** A study from its plan to what it says: the same for every one of them, also when it goes on or is only looked at. */
import { join } from 'node:path';
import {
  InputError,
  type FinishedTrial,
  type PlannedTrial,
  type PluginHost,
  type PreparedStudy,
  type RunConfig,
  type Study,
  type StudyDocument,
  type StudyOutcome,
  type TrialStore,
} from '@ligature/core';
import { writeJson } from '@ligature/core/node';
import { readEventLog } from '@ligature/run';
import { withMeasurement } from '../presentation/measurement.js';
import { folderStore } from './folder-store.js';
import { foundSoFar, roundByRound } from './further.js';
import { runTrials, type TrialsOptions } from './run-trials.js';
import { beginStudy, keepOutcome, keptOutcome, readStudy, resumeStudy } from './study-folder.js';
import { assertDistinct, assertNoTwins } from './trial-id.js';
import { finishedTrial, settleWhole, settleWith, underFormerIds, type Settle } from './trial-state.js';

export interface StudyToConduct extends TrialsOptions {
  /** Name of the entry. */
  readonly name: string;
  readonly config: RunConfig;
  readonly settings: unknown;
  readonly host: PluginHost;
  readonly folder: string;
  /** It has a folder: finished trials are taken as they are, stopped ones go on, the others are run. */
  readonly resumed?: boolean;
  /** It goes on with other settings than it began with. */
  readonly extended?: boolean;
  readonly begin?: PreparedStudy['begin'];
}

export interface ConductedStudy {
  /** The content of `NAME.json`. */
  readonly result: unknown;
  readonly document: StudyDocument;
}

/** @throws InputError (`run-locked`, `out-unwritable`, `trial-twice`, and those of the study's plan) */
export async function conductStudy(options: StudyToConduct): Promise<ConductedStudy> {
  const { name, settings, host, folder, resumed = false, extended = false, begin } = options;
  const config = settleWith(host)(options.config);
  const study = await host.create('studies', name, settings, { host });
  const store = folderStore(folder);
  const plan = resumed
    ? await underFormerIds(planned(study, config), store, settleWith(host))
    : plannedAnew(study, config, host);
  const work = async (): Promise<ConductedStudy> => {
    if (!resumed) await begin?.(store);
    const { trials, finished, failed } = await roundByRound(study, config, plan, async (round, earlier) => {
      if (earlier.length > 0) options.onFurther?.(round);
      return await runTrials({
        ...options,
        ...{ trials: round, earlier, store, resumed },
        settle: settleWith(host),
        ...(study.discards && { discards: study.discards }),
      });
    });
    const done = await study.work?.(config);
    await keepOutcome(folder, { failed, ...(done !== undefined && { work: done }) });
    const { kept } = readStudy(folder);
    const outcome = { config, trials, finished, failed, work: done, events: eventsBelow(folder) };
    return told(study, { ...outcome, ...(kept && { plan: kept }) }, folder);
  };
  if (resumed && !extended) return await resumeStudy(folder, work);
  // What it is extended by was not planned before: the digest stays that of what was.
  const kept = extended ? readStudy(folder).kept : undefined;
  return await beginStudy(folder, { study: name, config, settings, ...(kept && { kept }) }, work);
}

/** The trials of a study that begins, none of which is another one's run. @throws InputError (as {@link planned}) */
export function plannedAnew(study: Study, config: RunConfig, host: PluginHost): readonly PlannedTrial[] {
  const trials = planned(study, config);
  assertNoTwins(trials, settleWhole(host));
  return trials;
}

/** The trials of a study. @throws InputError (`trial-twice`, `splits-needed`, and those of the study's plan) */
export function planned(study: Study, config: RunConfig): readonly PlannedTrial[] {
  const trials = study.plan(config);
  assertDistinct(trials);
  for (const trial of trials) assertBothSplits(trial);
  return trials;
}

/** Chosen by validation, reported on test: a trial without one of them says nothing. */
function assertBothSplits({ label, config }: PlannedTrial): void {
  const { splits } = config.evaluation.final;
  if (new Set(splits).size === 2) return;
  throw new InputError('splits-needed', {
    asked: `Set ${label} beside other trials, measured on ${splits.join(', ')} alone`,
    found: 'studies choose by the validation split and report the test split',
    todo: 'Leave evaluation.final.splits out; evaluation.final.batches makes measuring shorter',
  });
}

/**
 * What the folder of a study says now, whether it is finished or not; `undefined` where no trial is.
 *
 * @throws InputError (`comparison-unreadable`, `unknown-study`)
 */
export async function lookAtStudy(folder: string, host: PluginHost): Promise<StudyDocument | undefined> {
  const { study: name, settings, config: saved, kept } = readStudy(folder);
  const config = settleWith(host)(saved);
  const study = await host.create('studies', name, settings, { host });
  const store = folderStore(folder);
  const plan = await underFormerIds(planned(study, config), store, settleWith(host));
  const outcome = keptOutcome(folder);
  const { trials, finished, failed } = await foundSoFar(
    ...([study, config, plan, finder(store, settleWith(host)), outcome?.failed ?? []] as const),
  );
  if (outcome === undefined && finished.length === 0) return undefined;
  const work = outcome?.work ?? (await study.work?.(config));
  const events = eventsBelow(folder);
  const said = { config, trials, finished, failed, work, events, ...(kept && { plan: kept }) };
  return withMeasurement(study.present(study.summarize(said)), finished);
}

/** Of the trials that lie in a store. */
export const finder =
  (store: TrialStore, settle: Settle) =>
  async (trial: PlannedTrial): Promise<FinishedTrial | undefined> => {
    const result = await finishedTrial(trial, store, settle);
    return result && { trial, result };
  };

export const eventsBelow =
  (folder: string): StudyOutcome['events'] =>
  ({ id }) =>
    readEventLog(join(folder, id));

async function told(study: Study, outcome: StudyOutcome, folder: string): Promise<ConductedStudy> {
  const result = study.summarize(outcome);
  const document = withMeasurement(study.present(result), outcome.finished);
  await writeJson(join(folder, `${document.name}.json`), result);
  return { result, document };
}
