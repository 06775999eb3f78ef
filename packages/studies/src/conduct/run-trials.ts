/** Has the trials of a study carried out, several at once if wanted, and gives their results in the order of the plan. */
import {
  ContractError,
  LigatureError,
  type Executor,
  type FailedTrial,
  type FinishedTrial,
  type OrderedPlugin,
  type PlannedTrial,
  type TrialResult,
  type TrialSignal,
  type TrialStore,
} from '@ligature/core';
import { SameData } from './same-data.js';
import { backendOf, canGoOn, finishedTrial, isOfPlan, type Settle } from './trial-state.js';

/** Thrown by an executor for a trial that was ended from outside before it began: no failure, it is run on resuming. */
export class TrialInterrupted extends LigatureError {
  constructor() {
    super('trial-interrupted', {
      asked: 'Run the trial in a process of its own',
      found: 'it was interrupted before it began',
      todo: 'Go on with `ligature resume`',
    });
  }
}

/** How the trials of a study are run, and who is told of it. */
export interface TrialsOptions {
  readonly executor: Pick<Executor, 'run'>;
  readonly plugins?: readonly OrderedPlugin[];
  /** Trials at once, at most; left out: one. */
  readonly parallel?: number;
  /** No further trial starts once it is aborted, and those that run end at a checkpoint; the results so far are returned. */
  readonly signal?: AbortSignal;
  /** Told of trials that follow from what others have found, before the first of them begins. */
  readonly onFurther?: (trials: readonly PlannedTrial[]) => void;
  /** Told of each trial that begins or goes on; gives what is told of its signals. */
  readonly onBegin?: (trial: PlannedTrial) => (signal: TrialSignal) => void;
  /** Told of each trial that was run, also of one that was stopped. */
  readonly onEnd?: (trial: PlannedTrial, result: TrialResult) => void;
  /** Told of each trial that failed; the others go on. */
  readonly onFailure?: (trial: PlannedTrial, error: unknown) => void;
  /** Told of each trial that a resumed study takes as it is. */
  readonly onFinished?: (trial: PlannedTrial, result: TrialResult) => void;
}

export interface TrialsToRun extends TrialsOptions {
  readonly trials: readonly PlannedTrial[];
  readonly store: TrialStore;
  /** Finished trials are taken as they are, and those that were stopped go on. */
  readonly resumed?: boolean;
  /** Trials of the study that are over: those that follow have their data, and are computed on their backend. */
  readonly earlier?: readonly PlannedTrial[];
  /** By which plans and results are set beside each other; left out: as they are. */
  readonly settle?: Settle;
  /** Folders of finished trials that nothing reads again. */
  readonly discards?: readonly string[];
}

/** Both in the order of the plan, whatever the order in which they ended. */
export interface TrialsOutcome {
  /** Those that were completed: a trial that was stopped early saw fewer tokens than the others. */
  readonly finished: readonly FinishedTrial[];
  readonly failed: readonly FailedTrial[];
}

type Ending = { readonly result: TrialResult } | { readonly failed: FailedTrial };

/** Failures are reported and the others go on; nothing starts after an abort, and what runs then is waited for. */
export async function runTrials(options: TrialsToRun): Promise<TrialsOutcome> {
  const { trials, store, parallel = 1, resumed = false, earlier = [] } = options;
  const data = new SameData(options.settle ?? asTheyAre);
  const known = [...earlier, ...(resumed ? trials : [])];
  await data.recall(known, store);
  const work = new Work(options, data, known.length > 0 ? await backendOf(known, store) : undefined);
  await Promise.all(
    Array.from({ length: Math.max(1, Math.min(parallel, trials.length)) }, () => work.take()),
  );
  return work.outcome();
}

const NEVER = new AbortController().signal;
const asTheyAre: Settle = (config) => config;

class Work {
  private next = 0;
  private readonly endings: (Ending | undefined)[];

  constructor(
    private readonly options: TrialsToRun,
    private readonly data: SameData,
    private backend: string | undefined,
  ) {
    this.endings = options.trials.map(() => undefined);
  }

  /** One trial after another until none is left; several of these side by side are what `parallel` means. */
  async take(): Promise<void> {
    const { trials } = this.options;
    for (let index = this.next++; index < trials.length; index = this.next++) {
      this.endings[index] = await this.one(trials[index] as PlannedTrial);
    }
  }

  outcome(): TrialsOutcome {
    const ended = this.endings.flatMap((ending, index) =>
      ending ? [{ trial: this.options.trials[index] as PlannedTrial, ending }] : [],
    );
    return {
      finished: ended.flatMap(({ trial, ending }) =>
        'result' in ending && ending.result.outcome === 'completed' ? [{ trial, result: ending.result }] : [],
      ),
      failed: ended.flatMap(({ ending }) => ('failed' in ending ? [ending.failed] : [])),
    };
  }

  private async one(trial: PlannedTrial): Promise<Ending | undefined> {
    const { resumed = false, signal, store, onFailure, onFinished, settle = asTheyAre } = this.options;
    try {
      const before = resumed ? await finishedTrial(trial, store, settle) : undefined;
      if (before) {
        this.assertSameBackend(trial, before);
        this.data.add(trial, before);
        onFinished?.(trial, before);
        return { result: before };
      }
      // What comes after may be finished all the same.
      if (signal?.aborted) return undefined;
      return { result: await this.run(trial, resumed) };
    } catch (error) {
      if (error instanceof LigatureError && error.code === 'trial-interrupted') return undefined;
      onFailure?.(trial, error);
      const message = error instanceof Error ? error.message : String(error);
      return { failed: { controller: trial.label, seed: trial.seed, message } };
    }
  }

  private async run(trial: PlannedTrial, resumed: boolean): Promise<TrialResult> {
    const { store, executor, plugins = [], signal = NEVER, discards = [], settle = asTheyAre } = this.options;
    const { onBegin, onEnd } = this.options;
    const resume = resumed && (await canGoOn(trial, store));
    const backend = isAuto(trial) ? (this.backend ?? null) : null;
    const digests = this.data.expected(trial);
    const order = { ...trial, resume, backend, plugins, ...(digests && { digests }) };
    const result = await executor.run(order, onBegin?.(trial) ?? (() => undefined), signal);
    if (resume && !isOfPlan(trial, result, settle)) throw strange(trial, store);
    this.assertSameBackend(trial, result);
    this.data.add(trial, result);
    if (result.outcome === 'completed') for (const below of discards) await store.remove(trial.id, below);
    onEnd?.(trial, result);
    return result;
  }

  /** Trials that began together chose each for itself; one that began earlier may have gone on elsewhere. */
  private assertSameBackend(trial: PlannedTrial, { backend: { name } }: TrialResult): void {
    if (!isAuto(trial)) return;
    this.backend ??= name;
    if (name === this.backend) return;
    throw new ContractError('trial-strange', {
      asked: `Set ${trial.label}, seed ${trial.seed} beside the other trials`,
      found: `it was computed on the backend "${name}", they were on "${this.backend}"`,
      todo: `Move its folder away and go on; it is run anew then, on "${this.backend}"`,
    });
  }
}

const isAuto = ({ config }: PlannedTrial): boolean => config.backend.name === 'auto';

function strange({ id, label, seed }: PlannedTrial, store: TrialStore): ContractError {
  return new ContractError('trial-strange', {
    asked: `Go on with ${label}, seed ${seed}`,
    found: `the run in "${store.place?.(id) ?? id}" has another configuration than the comparison`,
    todo: 'Move that folder away; the trial is run anew then',
  });
}
