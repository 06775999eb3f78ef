/**
 * Every event of a run: plain readonly data, past tense, one JSON line each. The order in which they appear
 * is public API (see the golden trace of a tiny run in the tests). `schema.ts` says the same of data that comes from
 * outside, and does not compile when the two differ.
 *
 * Numbers that differ between two runs of one seed are only ever called `durationMs`. Events that belong to the life
 * of a process and not to the run are transient (`EVENTS` in `schema.ts`): everybody may hear them, nobody writes them
 * down, so that a log is the same whenever and however often the run was stopped.
 */
import type { DecisionNotes } from '../contracts/controller.js';
import type { MeasurementKind, Substitute } from '../contracts/measurement.js';
import type { Metrics, MetricSpec, Subset } from '../contracts/metrics.js';
import type { Ledger } from '../contracts/ledger.js';
import type { SplitName, StageProgress } from '../contracts/dataset.js';
import type { TieMap } from '../contracts/tie-map.js';

export interface RunStarted {
  readonly type: 'run.started';
  readonly seed: number;
  readonly layers: number;
  /** In all; under a budget of FLOPs as many as the first tie map would take, of seconds 0: not known. */
  readonly steps: number;
  readonly controller: string;
  readonly tieMap: TieMap;
  readonly ledger: Ledger;
  /** What is learnt, by the name of its entry: `causal-lm`. */
  readonly task?: string;
  /** What targets are, in the plural: `tokens`, `images`. */
  readonly unit?: string;
  /** Behind a training loss: `nats per token`. */
  readonly lossUnit?: string;
  /** What evaluations measure, the one to judge by first. */
  readonly metrics?: readonly MetricSpec[];
  /** What is measured at the end, in this order: batches of each split, and targets that count. Left out: not known. */
  readonly finalPasses?: readonly FinalPass[];
}

/** One evaluation of those that end a run. */
export interface FinalPass {
  readonly split: SplitName;
  readonly batches: number;
  readonly weight: number;
}

export interface WindowOpened {
  readonly type: 'window.opened';
  readonly window: number;
  /** Number of the sweep over the layers, where whoever opens windows knows of sweeps. */
  readonly sweep?: number;
  /** The layer whose turn it is, 1..L-1; `null` for a stack of one layer. Absent: the decision says. */
  readonly layer?: number | null;
  /** Training steps done before this window. */
  readonly step: number;
  /** Share of the budget that is spent, 0..1. */
  readonly progress?: number;
}

/** A controller asked for a measurement of the layers; what it was told. `measurementOf` gives it back as it was. */
export interface LayersMeasured {
  readonly type: 'layers.measured';
  readonly window: number;
  readonly kind: MeasurementKind;
  readonly layers: number;
  /**
   * Of a similarity the pairs (0,1), (0,2), .., (0,L-1), (1,2), ..: the upper triangle of the matrix, row by row;
   * L(L-1)/2 numbers. Of `tie-cost` what each of `pairs` costs.
   */
  readonly values: readonly number[];
  /** Of `tie-cost`: blocks by their roots, [first, second]. */
  readonly pairs?: readonly (readonly number[])[];
  /** Of `tie-cost`: the loss that costs are counted from, how a block stood in for the other, and batches. */
  readonly loss?: number;
  readonly substitute?: Substitute;
  readonly batches?: number;
  /** What measuring took, in training tokens and operations; older logs lack them. */
  readonly tokens?: number;
  readonly flops?: number;
}

export interface TyingDecided {
  readonly type: 'tying.decided';
  readonly window: number;
  /** Number of the sweep that the window belongs to; older logs lack it. */
  readonly sweep?: number;
  readonly layer: number | null;
  /** The part of the blocks that was decided on; `null` or absent: whole blocks. */
  readonly component?: string | null;
  /** The source for a decision on one layer; `null` for a whole map or for `keep`. */
  readonly source: number | null;
  readonly kind: 'layer' | 'map' | 'keep';
  readonly notes: DecisionNotes;
}

export interface TyingApplied {
  readonly type: 'tying.applied';
  readonly window: number;
  readonly previous: TieMap;
  readonly tieMap: TieMap;
  /** One map for each component, where they differ. */
  readonly tieMaps?: Readonly<Record<string, TieMap>>;
  /** The state vector that learners see; differs from `tieMap` only under the official profile. */
  readonly state: readonly number[];
  readonly tied: number;
  readonly untied: number;
  readonly ledger: Ledger;
}

/** `tying.until` was reached: what was decided in this window was the last, and the map stays. Once a run. */
export interface TyingFrozen {
  readonly type: 'tying.frozen';
  readonly window: number;
  /** Training steps done before. */
  readonly step: number;
  /** With the window's decision. */
  readonly tieMap: TieMap;
  /** One map for each component, where they differ. */
  readonly tieMaps?: Readonly<Record<string, TieMap>>;
}

export interface StepCompleted {
  readonly type: 'step.completed';
  readonly step: number;
  readonly window: number;
  /** Mean cross-entropy in nats over the step's tokens, before the update. */
  readonly loss: number;
  /** Global L2 norm before clipping. */
  readonly gradientNorm: number;
  readonly learningRate: number;
  readonly tokens: number;
  readonly durationMs: number;
  /**
   * Share of a budget of FLOPs or seconds that is spent, 0..1, and of tokens once measuring was charged to it; absent
   * where steps alone are what is spent.
   */
  readonly spent?: number;
}

export interface WindowClosed {
  readonly type: 'window.closed';
  readonly window: number;
  /** As in `window.opened`. */
  readonly layer?: number | null;
  /** Training steps done so far, this window included. */
  readonly step: number;
  /** Share of the budget that is spent then, 0..1; older logs lack it. */
  readonly progress?: number;
  readonly losses: readonly number[];
  /** The budget ended with this window. */
  readonly truncated: boolean;
}

export interface RewardMeasured {
  readonly type: 'reward.measured';
  readonly window: number;
  readonly reward: number;
  readonly raw: number;
  readonly saturated: boolean;
  /** What measuring took, in training tokens and operations; absent where nothing was passed through the model. */
  readonly tokens?: number;
  readonly flops?: number;
}

export interface ControllerLearned {
  readonly type: 'controller.learned';
  readonly window: number;
  readonly report: Readonly<Record<string, number>>;
}

export interface EvaluationCompleted {
  readonly type: 'evaluation.completed';
  readonly step: number;
  readonly split: SplitName;
  readonly metrics: Metrics;
  readonly durationMs: number;
  /** Of the last evaluation of a run: how many of the split's batches it took. Left out where it took all. */
  readonly subset?: Subset;
  /** Of the last evaluation under `evaluation.final.of: best`: the step whose weights were measured, at this step or before it. */
  readonly weightsOf?: number;
}

export interface DiagnosticRaised {
  readonly type: 'diagnostic.raised';
  /** Stable id, e.g. `reward-saturated`. */
  readonly code: string;
  readonly window: number;
  readonly message: string;
  readonly evidence: Metrics;
}

export interface CheckpointSaved {
  readonly type: 'checkpoint.saved';
  readonly step: number;
  /** Path inside the run folder. */
  readonly path: string;
}

export interface RunCompleted {
  readonly type: 'run.completed';
  readonly step: number;
  readonly tokens: number;
  /** Of the last step. */
  readonly tieMap: TieMap;
  readonly ledger: Ledger;
  readonly durationMs: number;
  /** What was measured, under `evaluation.final.of: best`. */
  readonly best?: BestStep;
}

/** The step whose validation on the way was best by the task's first metric; of equals the earliest. */
export interface BestStep {
  readonly step: number;
  /** Of that metric, on the batches of the validations on the way. */
  readonly value: number;
  /** As they were at that step. */
  readonly tieMap: TieMap;
  readonly ledger: Ledger;
}

export interface RunFailed {
  readonly type: 'run.failed';
  readonly step: number;
  readonly code: string;
  readonly message: string;
}

/** A loss or a gradient was not finite. The weights are those before the step. */
export interface RunDiverged {
  readonly type: 'run.diverged';
  readonly step: number;
  readonly window: number;
  /** `NaN`, `Infinity` or `-Infinity` as text, because JSON has no number for them; else the number. */
  readonly loss: number | string;
  readonly gradientNorm: number | string;
  readonly learningRate: number;
  /** `stop`: the run fails now; `rollback`: it goes back to the checkpoint of `resumedStep` and skips the window. */
  readonly action: 'stop' | 'rollback';
  readonly resumedStep: number | null;
}

/** A controller broke a rule of its contract and the run went on without it, as `tying.onMisbehaviour` says. */
export interface ControllerFailed {
  readonly type: 'controller.failed';
  readonly window: number;
  readonly controller: string;
  /** `decide` or `learn`. */
  readonly call: 'decide' | 'learn';
  /** Stable id, e.g. `controller-late`. */
  readonly code: string;
  readonly message: string;
}

/** A listener threw: it was cut off, the run went on. */
export interface ListenerFailed {
  readonly type: 'listener.failed';
  readonly listener: string;
  readonly event: string;
  readonly message: string;
}

/** Transient. A longer piece of work begins, or is so far: one line for people. */
export interface StageEntered {
  readonly type: 'stage.entered';
  readonly message: string;
  /** Left out: it cannot be told. */
  readonly progress?: StageProgress;
}

/** Transient. One line that should not be lost: a backend that had to give way, say. */
export interface NoticeRaised {
  readonly type: 'notice.raised';
  readonly message: string;
}

/** Transient. How far an evaluation is: before its first batch and after each. Rewards' small ones are not told. */
export interface EvaluationProgressed {
  readonly type: 'evaluation.progressed';
  readonly split: SplitName;
  /** Batches scored. */
  readonly done: number;
  readonly total: number;
}

/** Transient. A run goes on in this process from where its checkpoint left it; its log shows no seam. */
export interface RunResumed {
  readonly type: 'run.resumed';
  /** Steps done, and steps in all as they were announced when the run began. */
  readonly step: number;
  readonly steps: number;
  readonly tieMap: TieMap;
  /** What `tokens` of its steps count, as in `run.started`; left out: tokens. */
  readonly unit?: string;
  /** What is measured at the end, as in `run.started`. */
  readonly finalPasses?: readonly FinalPass[];
}

export type LigatureEvent =
  | RunStarted
  | WindowOpened
  | LayersMeasured
  | TyingDecided
  | TyingApplied
  | TyingFrozen
  | StepCompleted
  | WindowClosed
  | RewardMeasured
  | ControllerLearned
  | EvaluationCompleted
  | DiagnosticRaised
  | CheckpointSaved
  | RunCompleted
  | RunFailed
  | RunDiverged
  | ControllerFailed
  | ListenerFailed
  | StageEntered
  | NoticeRaised
  | EvaluationProgressed
  | RunResumed;

export type EventType = LigatureEvent['type'];
export type EventOf<T extends EventType> = Extract<LigatureEvent, { readonly type: T }>;
