/** Who carries out the trials of a study: this process, processes of their own, machines behind a queue. */
import type { PluginHost } from '../plugins/host.js';
import type { TrialOrder, TrialResult, TrialSignal, TrialStore } from './trial.js';

export interface ExecutorContext {
  /** Where trials begin and end: what an executor leaves anywhere else is lost. */
  readonly store: TrialStore;
  /** With every plug-in that the study was given: for trials in this process, and for their versions. */
  readonly host: PluginHost;
  /** Relative paths of configurations and plug-ins are resolved against this folder, on this machine. */
  readonly cwd: string;
  /** Tokenizers and token ids that another trial can use again; safe to delete at any time. */
  readonly cacheFolder: string;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** The module that answers orders in a process of its own; left out: one that knows the ordered plug-ins alone. */
  readonly program?: URL;
}

export interface Executor {
  /**
   * Runs one trial to its end, or to a checkpoint after `stop`; several may run at once.
   *
   * @throws InputError for what no other trial of the study could do better, anything else for this trial alone;
   * LigatureError (`trial-interrupted`) when it was ended before it began
   */
  run(order: TrialOrder, on: (signal: TrialSignal) => void, stop: AbortSignal): Promise<TrialResult>;
  /** Lets go of connections and processes. */
  dispose?(): Promise<void> | void;
}
