import type { EventBus } from '../bus/event-bus.js';
import type { Metric, Metrics, MetricSpec } from './metrics.js';
import type { Snapshot, Snapshotable } from './snapshot.js';

/** A metric measured on the probe batches of a window. */
export interface ProbeValue {
  readonly metric: MetricSpec;
  readonly value: number;
}

/** What a reward may look at when a window closes. */
export interface RewardProbe {
  readonly window: number;
  /** Training losses of the window, one per step. */
  readonly losses: readonly number[];
  /** Mean loss on the run's probe batches (`tying.probe`), lower is better; measured once. */
  heldOutLoss(): Promise<number>;
  /**
   * One of the task's metrics on the same batches, with its direction.
   *
   * @param name left out: the task's first metric
   * @throws InputError (`metric-unknown`) naming those that the task has
   */
  heldOutMetric(name?: string): Promise<ProbeValue>;
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

/** Measures a run beside its task: by metrics of its own, by listening to its events, or both. */
export interface Evaluator {
  readonly name: string;
  /** Folded beside the task's metrics, from the same scores; of two with one name the evaluator's wins. */
  readonly metrics?: readonly Metric[];
  /** Listens to the run; may publish events such as `diagnostic.raised`. Returns a function that detaches. */
  attach?(bus: EventBus): () => void;
  /** What it found by the end of the run, for the results table. */
  summary?(): Metrics;
  /** Running state that decides what it will publish; needed for a resumed run to go on exactly. */
  snapshot?(): Snapshot;
  restore?(state: Snapshot): void;
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
