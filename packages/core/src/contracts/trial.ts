/** One trial of a study: what it is asked to do, what it says meanwhile, what it leaves behind, and where that is kept. */
import type { LigatureEvent } from '../events/events.js';
import type { RunConfig } from '../config/schema.js';
import type { Ledger } from './ledger.js';
import type { SplitName } from './dataset.js';
import type { MeasuringCost } from './measurement.js';
import type { Metrics, MetricSpec, Subset } from './metrics.js';
import type { TieMap } from './tie-map.js';

/** The tie map in force from a training step on; the picture of a run is drawn from these. */
export interface TieMapChange {
  readonly step: number;
  readonly window: number;
  readonly tieMap: TieMap;
}

export interface LossPoint {
  readonly step: number;
  /** Training loss before the update of that step, in the run's `lossUnit`. */
  readonly loss: number;
}

export interface DiagnosticNote {
  readonly code: string;
  readonly window: number;
  readonly message: string;
}

/** Peaks of one process; each trial of a comparison has a process of its own. */
export interface MemoryPeak {
  /** Most bytes that the tfjs backend held in tensors after a step. */
  readonly backendBytes: number;
  /** Most resident bytes of the process. */
  readonly residentBytes: number;
}

/** A reference point that needed no training, measured on the targets of the run's final evaluations. */
export interface MeasuredFloor {
  /** In front of the word *floor*: `unigram`. */
  readonly name: string;
  /** What it is, and what it was counted on. */
  readonly description: string;
  /** By the name of the metric; empty where the run does not measure that split. */
  readonly validation: Metrics;
  readonly test: Metrics;
}

/** That validation, test, tie map and ledger of a result are those of the step with the best validation on the way. */
export interface MeasuredBest {
  /** It may be the last one. */
  readonly step: number;
  /** Of the run's first metric, on the batches of the validations on the way. */
  readonly value: number;
  /** What the last step has in their place; its `value` is on the same batches. */
  readonly last: { readonly value: number; readonly tieMap: TieMap; readonly ledger: Ledger };
}

/** One finished run. Ratios and rates are derived from what was measured, never stored without their parts. */
export interface TrialResult {
  readonly controller: string;
  readonly seed: number;
  /** What was learnt: `causal-lm`, … */
  readonly task: string;
  /** What `tokens` counts: `tokens`, `images`, `rows`. */
  readonly unit: string;
  /** Of training losses: `nats per token`. */
  readonly lossUnit: string;
  /** What the task measures on every split; the first one is the primary, by which models are chosen. */
  readonly metrics: readonly MetricSpec[];
  readonly steps: number;
  readonly tokens: number;
  /** Every evaluator's numbers after training, by the name of the metric; empty for a split that was not measured. */
  readonly validation: Metrics;
  readonly test: Metrics;
  /** Splits of which only some batches were measured; left out where all were. Older results always are of whole splits. */
  readonly subset?: Readonly<Partial<Record<SplitName, Subset>>>;
  /** What needs no training reaches on the same targets, the weakest first; left out where the task names none. */
  readonly floors?: readonly MeasuredFloor[];
  /** Of the weights that were measured, as is `tieMap`: of the last step, or of `best` where that is there. */
  readonly ledger: Ledger;
  readonly tieMap: TieMap;
  /** Which step was measured, under `evaluation.final.of: best`; left out under `last`. */
  readonly best?: MeasuredBest;
  readonly tieMaps: readonly TieMapChange[];
  readonly losses: readonly LossPoint[];
  readonly diagnostics: readonly DiagnosticNote[];
  readonly memory: MemoryPeak;
  /** Tokens per second of training steps: median over steps, warm-up left out. */
  readonly tokensPerSecond: number;
  /** Wall-clock seconds of the training, evaluations left out. */
  readonly trainingSeconds: number;
  /** Floating-point operations of the training steps, by the ledger of the tie map of each; older results lack it. */
  readonly trainingFlops?: number;
  /**
   * What measurements for the controller and probes for rewards took, beside the training: in training tokens and
   * operations. Part of a budget of either; evaluations are not counted. Older results lack it.
   */
  readonly measuring?: MeasuringCost;
  /** Sizes of the data, for people: `vocabularySize`, `trainingTokens`, … */
  readonly data: Readonly<Record<string, number | string>>;
  /** Of the data, by split: trials that are set beside each other were trained and measured on one; older results lack it. */
  readonly digests?: Readonly<Record<string, string>>;
  /** What the evaluators found besides, by `evaluator.metric`. */
  readonly summary: Metrics;
  readonly backend: { readonly name: string; readonly version: string; readonly detail: string };
  /** `completed`, or `stopped` when the user ended it early. */
  readonly outcome: 'completed' | 'stopped';
  /** The folder of the run, as it was given to whoever trained it. */
  readonly folder: string;
  readonly config: RunConfig;
}

/** A trial as a study plans it. */
export interface PlannedTrial {
  /** Unique within the study and fit to name a folder, an object or a job: letters, digits, `.`, `=`, `_` and `-`. */
  readonly id: string;
  /** What tables and messages call it, the same for all its seeds. */
  readonly label: string;
  readonly seed: number;
  /** All that the trial depends on. */
  readonly config: RunConfig;
}

/** A plug-in as an order names it: whoever carries it out has to load it before. */
export interface OrderedPlugin {
  /** An npm name, or the path of a file where the executor runs on the machine of the study. */
  readonly specifier: string;
  /** That the study runs with; `null` where it is not known. */
  readonly version: string | null;
}

/** What an executor is asked to do: plain JSON that can cross a network. It holds no place on any machine. */
export interface TrialOrder extends PlannedTrial {
  /** Go on where the trial was stopped, at the newest checkpoint in the store. */
  readonly resume: boolean;
  /** To compute on in the place of `auto`, since the study's other trials do; `null`: as the configuration says. */
  readonly backend: string | null;
  readonly plugins: readonly OrderedPlugin[];
  /** Of the data that other trials of the study had, by split: other data is refused. Left out where none is known. */
  readonly digests?: Readonly<Record<string, string>>;
}

/** What a trial says while it runs. */
export type TrialSignal =
  | { readonly kind: 'event'; readonly event: LigatureEvent }
  /** A line that its process printed by itself, such as a warning of a library. */
  | { readonly kind: 'printed'; readonly line: string };

/**
 * What executors and studies exchange: the files of each trial (logs, checkpoints, results), by the trial's id. Names
 * of files are relative, with `/`. The local one is the study's folder; one on a network keeps objects under keys.
 */
export interface TrialStore {
  /** Names of the trial's files, below one of its folders if that is given; empty where there are none. */
  files(trial: string, below?: string): Promise<readonly string[]>;
  /** `undefined` where there is no such file. */
  read(trial: string, file: string): Promise<Uint8Array | undefined>;
  /** Whole, or not at all. */
  write(trial: string, file: string, content: Uint8Array): Promise<void>;
  /** All of the trial's files, or those below one of its folders. */
  remove(trial: string, below?: string): Promise<void>;
  /** The folder in which they lie, where that is on this machine: an executor here works in it at once. */
  readonly place?: (trial: string) => string;
}

/** A trial of a study that did not come to its end. */
export interface FailedTrial {
  /** Its label. */
  readonly controller: string;
  readonly seed: number;
  readonly message: string;
}

export interface FinishedTrial {
  readonly trial: PlannedTrial;
  readonly result: TrialResult;
}
