/** Trials that follow from what others have found: a study with rounds does not know all of them before the first. */
import type { EndedTrials, FinishedTrial, PlannedTrial, RunConfig, Study } from '@ligature/core';
import { assertDistinct } from './trial-id.js';
import type { TrialsOutcome } from './run-trials.js';

export interface AllTrials extends TrialsOutcome {
  /** The plan, and what followed. */
  readonly trials: readonly PlannedTrial[];
}

/**
 * Carries out the plan and all that follows from it. What follows is asked for once everything so far is over: a trial
 * that was stopped, or never begun, may still change it.
 *
 * @param carryOut given the trials of a round and those of all rounds before
 * @throws InputError (`trial-twice`, `trial-unnamed`)
 */
export async function roundByRound(
  study: Study,
  config: RunConfig,
  plan: readonly PlannedTrial[],
  carryOut: (round: readonly PlannedTrial[], earlier: readonly PlannedTrial[]) => Promise<TrialsOutcome>,
): Promise<AllTrials> {
  let trials: readonly PlannedTrial[] = [];
  let ended: EndedTrials = { config, finished: [], failed: [] };
  let round = plan;
  do {
    // A plan without trials may be followed by some.
    if (round.length > 0) {
      const { finished, failed } = await carryOut(round, trials);
      trials = [...trials, ...round];
      ended = {
        config,
        finished: [...ended.finished, ...finished],
        failed: [...ended.failed, ...failed],
      };
    }
    const over = ended.finished.length + ended.failed.length === trials.length;
    round = over ? newOnes(study, ended, trials) : [];
  } while (round.length > 0);
  return { ...ended, trials };
}

function newOnes(study: Study, ended: EndedTrials, trials: readonly PlannedTrial[]): readonly PlannedTrial[] {
  const following = study.further?.(ended) ?? [];
  const known = new Set(trials.map(({ id }) => id));
  const fresh = following.filter(({ id }) => !known.has(id));
  assertDistinct([...trials, ...fresh]);
  return fresh;
}

/**
 * What lies in the folder of a study, round by round; nothing is run.
 *
 * @param find the result of a trial that has been completed
 * @param failures kept from the last time; of trials that were completed since they say nothing
 */
export async function foundSoFar(
  study: Study,
  config: RunConfig,
  plan: readonly PlannedTrial[],
  find: (trial: PlannedTrial) => Promise<FinishedTrial | undefined>,
  failures: TrialsOutcome['failed'],
): Promise<AllTrials> {
  return await roundByRound(study, config, plan, async (round) => {
    const finished: FinishedTrial[] = [];
    for (const trial of round) {
      const found = await find(trial);
      if (found) finished.push(found);
    }
    const isOver = ({ label, seed }: PlannedTrial): boolean =>
      finished.some(({ trial }) => trial.label === label && trial.seed === seed);
    const left = round.filter((trial) => !isOver(trial));
    const failed = failures.filter(({ controller, seed }) =>
      left.some((trial) => trial.label === controller && trial.seed === seed),
    );
    return { finished, failed };
  });
}
