import type { EventBus, PluginHost, TieMap } from '@ligature/core';
import type { EvaluationProgress } from '@ligature/trainer';

/** A command line: `ligature train --steps 10` without its first word, and the version of the program. */
export interface StartedBy {
  readonly version: string;
  readonly words: readonly string[];
}

/** Where a run stands when it goes on. */
export interface ResumedAt {
  /** Steps done, and steps in all: as announced when it began. */
  readonly step: number;
  readonly steps: number;
  readonly tieMap: TieMap;
}

/** What surrounds a run: who makes its parts, where it may write, who watches. */
export interface RunEnvironment {
  readonly host: PluginHost;
  /** Relative paths of the configuration are resolved against this folder. */
  readonly cwd: string;
  /** Tokenizers and token ids that another run can use again; safe to delete at any time. */
  readonly cacheFolder: string;
  /** Plug-ins that the user named for opening a finished run; those in the run's own files are never loaded. */
  readonly plugins?: readonly string[];
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Told one line before each longer piece of work. */
  readonly onStage?: (message: string) => void;
  /** Told one line that should not be lost: a backend that had to give way, say. */
  readonly onNotice?: (message: string) => void;
  /** Told how far an evaluation is: before its first batch and after each. Rewards' small ones are not told. */
  readonly onEvaluation?: (progress: EvaluationProgress) => void;
  /** Told once where a resumed run stands, before its first event: it publishes no `run.started` again. */
  readonly onResumed?: (at: ResumedAt) => void;
  /** Given the bus before the first event: progress bars subscribe here. */
  readonly listen?: (bus: EventBus) => void;
  /** The command that began it, without places on this machine: kept in the manifest. */
  readonly command?: StartedBy;
  /** Stops the run cleanly after the step under way. */
  readonly signal?: AbortSignal;
}
