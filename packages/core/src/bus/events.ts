/**
 * Every event of a run: plain readonly data, past tense, one JSON line each. The order in which they appear
 * is public API (see the golden trace in test/event-trace.test.ts).
 *
 * Numbers that differ between two runs of one seed are only ever called `durationMs`.
 */
import type { DecisionNotes, SimilarityKind } from '../contracts/controller.js';
import type { Metrics, MetricSpec } from '../contracts/metrics.js';
import type { Ledger } from '../contracts/ledger.js';
import type { SplitName } from '../contracts/dataset.js';
import type { TieMap } from '../contracts/tie-map.js';

export interface RunStarted {
  readonly type: 'run.started';
  readonly seed: number;
  readonly layers: number;
  /** In all; under a budget of FLOPs as many as the first tie map would take, of seconds 0: not known. */
  readonly steps: number;
  readonly controller: string;
  /** What is learnt, what a target is and what the loss is measured in; older logs lack them: a language model. */
  readonly task?: string;
  readonly unit?: string;
  readonly lossUnit?: string;
  /** What is measured; the first one is what runs are chosen by. */
  readonly metrics?: readonly MetricSpec[];
  readonly tieMap: TieMap;
  readonly ledger: Ledger;
}

export interface WindowOpened {
  readonly type: 'window.opened';
  readonly window: number;
  /** Logs of before whose turn it is was the controller's matter say it here. */
  readonly sweep?: number;
  readonly layer?: number | null;
  /** Training steps done before this window. */
  readonly step: number;
  /** Share of the budget that is spent, 0..1; older logs lack it. */
  readonly progress?: number;
}

/** A controller asked how alike the layers are; what it was told. */
export interface SimilarityMeasured {
  readonly type: 'similarity.measured';
  readonly window: number;
  readonly kind: SimilarityKind;
  readonly layers: number;
  /** Pairs (0,1), (0,2), .., (0,L-1), (1,2), ..: the upper triangle of the matrix, row by row; L(L-1)/2 numbers. */
  readonly values: readonly number[];
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
  /** Share of a budget of FLOPs or seconds that is spent, 0..1; absent where the budget is steps. */
  readonly spent?: number;
}

export interface WindowClosed {
  readonly type: 'window.closed';
  readonly window: number;
  /** Older logs say here whose turn it was. */
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
  readonly tieMap: TieMap;
  readonly ledger: Ledger;
  readonly durationMs: number;
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

export type LigatureEvent =
  | RunStarted
  | WindowOpened
  | SimilarityMeasured
  | TyingDecided
  | TyingApplied
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
  | ListenerFailed;

export type EventType = LigatureEvent['type'];
export type EventOf<T extends EventType> = Extract<LigatureEvent, { readonly type: T }>;
