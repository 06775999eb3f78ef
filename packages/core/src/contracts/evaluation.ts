import type { EventBus } from '../bus/event-bus.js';
import type { Snapshot, Snapshotable } from './snapshot.js';
import type { SplitName } from './text.js';

/** What a reward may look at when a window closes. */
export interface RewardProbe {
  readonly window: number;
  /** Training losses of the window in nats, one per step. */
  readonly losses: readonly number[];
  /** Mean cross-entropy in nats on the run's probe batches (a fixed held-out set by default); measured once. */
  heldOutLoss(): Promise<number>;
}

export interface RewardMeasurement {
  /** What the controller learns from. */
  readonly reward: number;
  /** The same before clipping. */
  readonly raw: number;
  /** Whether clipping changed it: a saturated reward says nothing about the decision. */
  readonly saturated: boolean;
}

/** Turns a closed window into one number. Higher is better. */
export interface Reward extends Snapshotable {
  measure(probe: RewardProbe): RewardMeasurement | Promise<RewardMeasurement>;
}

/** Sums over the positions of one evaluated batch. */
export interface BatchScore {
  /** Sum of the cross-entropy over positions, nats. */
  readonly nats: number;
  readonly tokens: number;
  /** Positions whose most likely token is the label. */
  readonly correct: number;
}

/** What an evaluation pass covers. */
export interface EvaluationScope {
  readonly split: SplitName;
  readonly tokens: number;
  /** UTF-8 bytes of the text behind the evaluated labels. */
  readonly bytes: number;
}

export type Metrics = Readonly<Record<string, number>>;

/** Folds the scores of one pass into metrics. */
export interface EvaluationFold {
  add(score: BatchScore): void;
  /** @throws ContractError if nothing was added. */
  finish(scope: EvaluationScope): Metrics;
}

/** Measures a run: per evaluation pass, by listening to its events, or both. */
export interface Evaluator {
  readonly name: string;
  /** A fresh fold for a pass over a split. */
  begin?(): EvaluationFold;
  /** Listens to the run; may publish events such as `diagnostic.raised`. Returns a function that detaches. */
  attach?(bus: EventBus): () => void;
  /** What it found by the end of the run, for the results table. */
  summary?(): Metrics;
  /** Running state that decides what it will publish; needed for a resumed run to go on exactly. */
  snapshot?(): Snapshot;
  restore?(state: Snapshot): void;
}

export interface EvaluatorContext {
  readonly layers: number;
  /** Bytes that the backend holds in tensors now. */
  readonly backendBytes: () => number;
  /** Milliseconds since an arbitrary start, monotonic. */
  readonly now: () => number;
}

/** Writes a run somewhere: a file, a board, a socket. Handles events in the `record` phase. */
export interface Recorder {
  readonly name: string;
  attach(bus: EventBus): () => void;
  /** Flushes and closes; called once, also when the run failed. */
  close(): Promise<void>;
  /** How far it has got, with everything before it on the disk; asked at every checkpoint, when the bus is idle. */
  snapshot?(): Snapshot;
  /**
   * Cuts its files back to there: the run goes on from a checkpoint, in a new process or after a rollback.
   *
   * @throws LigatureError when the files do not reach that far
   */
  restore?(state: Snapshot): void;
}

export interface RecorderContext {
  /** The folder of the run; a recorder writes nowhere else. */
  readonly folder: string;
}
