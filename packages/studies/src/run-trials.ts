/** Runs the trials of a study, several at once if wanted, and gives their results in the order of the plan. */
import { join } from 'node:path';
import { ContractError, LigatureError } from '@ligature/core';
import type { TrialResult } from '@ligature/run';
import type { TrialPlan } from './plan.js';
import type { FailedTrial } from './results.js';
import { backendOf, canGoOn, finishedTrial, isOfPlan } from './trial-folder.js';

/** How a trial is to begin. */
export interface TrialStart {
  /** It has been stopped at a checkpoint in its folder, and is to go on there. */
  readonly begun: boolean;
  /**
   * The backend that the study's other trials computed on, where the configuration says `auto`: this one computes on
   * it too, also where another one would be chosen today. Absent: the trial chooses.
   */
  readonly backend?: string;
}

/** Thrown by `execute` for a trial that was ended from outside before it began: no failure, it is run on resuming. */
export class TrialInterrupted extends LigatureError {
  constructor() {
    super('trial-interrupted', {
      asked: 'Run the trial in a process of its own',
      found: 'it was interrupted before it began',
      todo: 'Go on with `ligature resume`',
    });
  }
}

export interface TrialsOptions {
  /** Runs one trial; the command gives each a process of its own, so that peak memory is the trial's. */
  readonly execute: (plan: TrialPlan, folder: string, start: TrialStart) => Promise<TrialResult>;
  /** The folder of the study; each trial gets one below it. */
  readonly folder: string;
  /** Trials at once, at most; left out: one. */
  readonly parallel?: number;
  /** No further trial starts once it is aborted; the results so far are returned. */
  readonly signal?: AbortSignal;
  /** Told of each trial that failed; the others go on. */
  readonly onFailure?: (plan: TrialPlan, error: unknown) => void;
  /** Told of each trial that a resumed study takes as it is. */
  readonly onFinished?: (plan: TrialPlan, result: TrialResult) => void;
}

export interface TrialsToRun extends TrialsOptions {
  readonly plans: readonly TrialPlan[];
  /** Finished trials are taken as they are, and those that were stopped go on. */
  readonly resumed?: boolean;
}

export interface FinishedTrial {
  readonly plan: TrialPlan;
  readonly result: TrialResult;
}

/** Both in the order of the plan, whatever the order in which they ended. */
export interface TrialsOutcome {
  /** Those that were completed: a trial that was stopped early saw fewer tokens than the others. */
  readonly finished: readonly FinishedTrial[];
  readonly failed: readonly FailedTrial[];
}

type Ending = { readonly result: TrialResult } | { readonly failed: FailedTrial };

/** Failures are reported and the others go on; nothing starts after an abort, and what runs then is waited for. */
export async function runTrials({ plans, parallel = 1, ...options }: TrialsToRun): Promise<TrialsOutcome> {
  const work = new Work(plans, options);
  await Promise.all(Array.from({ length: Math.max(1, Math.min(parallel, plans.length)) }, () => work.take()));
  return work.outcome();
}

class Work {
  private next = 0;
  private readonly endings: (Ending | undefined)[];
  private backend: string | undefined;

  constructor(
    private readonly plans: readonly TrialPlan[],
    private readonly options: Omit<TrialsToRun, 'plans' | 'parallel'>,
  ) {
    this.endings = plans.map(() => undefined);
    const { folder, resumed } = options;
    if (resumed) this.backend = backendOf(plans.map(({ folderName }) => join(folder, folderName)));
  }

  /** One trial after another until none is left; several of these side by side are what `parallel` means. */
  async take(): Promise<void> {
    for (let index = this.next++; index < this.plans.length; index = this.next++) {
      this.endings[index] = await this.one(this.plans[index] as TrialPlan);
    }
  }

  outcome(): TrialsOutcome {
    const ended = this.endings.flatMap((ending, index) =>
      ending ? [{ plan: this.plans[index] as TrialPlan, ending }] : [],
    );
    return {
      finished: ended.flatMap(({ plan, ending }) =>
        'result' in ending && ending.result.outcome === 'completed' ? [{ plan, result: ending.result }] : [],
      ),
      failed: ended.flatMap(({ ending }) => ('failed' in ending ? [ending.failed] : [])),
    };
  }

  private async one(plan: TrialPlan): Promise<Ending | undefined> {
    const { resumed = false, signal, onFailure, onFinished } = this.options;
    const folder = join(this.options.folder, plan.folderName);
    try {
      const before = resumed ? finishedTrial(plan, folder) : undefined;
      if (before) {
        this.assertSameBackend(plan, before);
        onFinished?.(plan, before);
        return { result: before };
      }
      // What comes after may be finished all the same.
      if (signal?.aborted) return undefined;
      return { result: await this.run(plan, folder, resumed) };
    } catch (error) {
      if (error instanceof TrialInterrupted) return undefined;
      onFailure?.(plan, error);
      const message = error instanceof Error ? error.message : String(error);
      return { failed: { controller: plan.label, seed: plan.seed, message } };
    }
  }

  private async run(plan: TrialPlan, folder: string, resumed: boolean): Promise<TrialResult> {
    const begun = resumed && (await canGoOn(folder));
    const backend = isAuto(plan) ? this.backend : undefined;
    const result = await this.options.execute(plan, folder, { begun, ...(backend && { backend }) });
    if (begun && !isOfPlan(plan, result)) throw strange(plan, folder);
    this.assertSameBackend(plan, result);
    return result;
  }

  /** Trials that began together chose each for itself; one that began earlier may have gone on elsewhere. */
  private assertSameBackend(plan: TrialPlan, { backend: { name } }: TrialResult): void {
    if (!isAuto(plan)) return;
    this.backend ??= name;
    if (name === this.backend) return;
    throw new ContractError('trial-strange', {
      asked: `Set ${plan.label}, seed ${plan.seed} beside the other trials`,
      found: `it was computed on the backend "${name}", they were on "${this.backend}"`,
      todo: `Move its folder away and go on; it is run anew then, on "${this.backend}"`,
    });
  }
}

const isAuto = ({ config }: TrialPlan): boolean => config.backend.name === 'auto';

function strange(plan: TrialPlan, folder: string): ContractError {
  return new ContractError('trial-strange', {
    asked: `Go on with ${plan.label}, seed ${plan.seed}`,
    found: `the run in "${folder}" has another configuration than the comparison`,
    todo: 'Move that folder away; the trial is run anew then',
  });
}
