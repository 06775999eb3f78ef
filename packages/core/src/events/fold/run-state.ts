/** What the events of a run amount to: what results, reports, the dashboard and progress lines are made of. */
import type { Ledger } from '../../contracts/ledger.js';
import type { Metrics, Subset } from '../../contracts/metrics.js';
import type { SplitName } from '../../contracts/dataset.js';
import type { TieMap } from '../../contracts/tie-map.js';
import type { TieMapChange } from '../../contracts/trial.js';
import type { DiagnosticRaised, RunFailed, RunStarted, TyingDecided } from '../events.js';

/** What a number of training steps cost. Of steps that were rolled back nothing counts. */
export interface Totals {
  readonly tokens: number;
  /** Of training steps alone, evaluations left out. */
  readonly seconds: number;
  /** By the ledger of the tie map that each step was taken under. */
  readonly flops: number;
}

/** One training step, with what training had cost when it was done. */
export interface StepPoint extends Totals {
  readonly step: number;
  /** Training loss per target, before the update. */
  readonly loss: number;
}

/** The same with what the step itself took. */
export interface TakenStep extends StepPoint {
  readonly window: number;
  readonly stepTokens: number;
  readonly durationMs: number;
  /** Share of a budget of FLOPs or seconds, as the event said. */
  readonly spent?: number;
}

/** One window: the decision that opened it, the map it was trained under, what came of it. */
export interface WindowTrace {
  readonly window: number;
  /** Of the decision, or of the window where that is all that is known; `null`: nobody said. */
  readonly sweep: number | null;
  /** The layer whose turn it was; `null` for a stack of one layer, and where nobody said. */
  readonly layer: number | null;
  /** Training steps done before the window, and at its end. */
  readonly from: number;
  readonly to: number;
  readonly decision?: Pick<TyingDecided, 'kind' | 'source' | 'notes' | 'component'>;
  readonly tieMap: TieMap;
  /** One map for each component, where they differ. */
  readonly tieMaps?: Readonly<Record<string, TieMap>>;
  readonly reward?: { readonly reward: number; readonly raw: number; readonly saturated: boolean };
  /** What the controller said of its update. */
  readonly report?: Readonly<Record<string, number>>;
}

export interface LedgerPoint {
  readonly step: number;
  readonly ledger: Ledger;
}

export interface EvaluationPoint {
  readonly step: number;
  readonly split: SplitName;
  readonly metrics: Metrics;
  /** Where it says that it took only some of the split's batches. */
  readonly subset?: Subset;
  /** Where it is one of those that end the run, of the weights of a chosen step. */
  readonly weightsOf?: number;
}

export type DiagnosticTrace = Pick<DiagnosticRaised, 'code' | 'window' | 'message'>;

export interface RollBack {
  /** The step that diverged, and the step of the checkpoint that the run went back to. */
  readonly step: number;
  readonly resumedStep: number;
}

export interface RunState {
  /** As the run announced itself; `undefined` when that part of the log is gone, or was not heard. */
  readonly started: Omit<RunStarted, 'type'> | undefined;
  /** Steps before the first one that was heard; absent where the log begins with its run. */
  readonly missingSteps?: number;
  /** Steps in all, as announced; `undefined` until somebody said. */
  readonly plannedSteps: number | undefined;
  /** Steps done. */
  readonly step: number;
  /** Of the steps done that were seen. */
  readonly totals: Totals;
  /** In force; empty until somebody said. */
  readonly tieMap: TieMap;
  readonly steps: readonly TakenStep[];
  readonly windows: readonly WindowTrace[];
  /** The first map, and every one that differed from the one before. */
  readonly tieMaps: readonly TieMapChange[];
  /** The ledger at first, and whenever its numbers changed. */
  readonly ledgers: readonly LedgerPoint[];
  /** All of them, oldest first. */
  readonly evaluations: readonly EvaluationPoint[];
  readonly diagnostics: readonly DiagnosticTrace[];
  /** How many there were, those too that a bounded fold has let go. */
  readonly diagnosticCount: number;
  readonly rollBacks: readonly RollBack[];
  /** `running` when nobody said that it ended: it goes on, was stopped, or was killed. */
  readonly outcome: 'completed' | 'failed' | 'running';
  readonly failure?: Pick<RunFailed, 'code' | 'message'>;
}

/** @param of the step whose weights were measured; left out: any */
export function lastEvaluation(
  { evaluations }: Pick<RunState, 'evaluations'>,
  split: SplitName,
  of?: number,
): EvaluationPoint | undefined {
  return evaluations.findLast(
    (one) => one.split === split && (of === undefined || (one.weightsOf ?? one.step) === of),
  );
}

/** The last evaluation of a split; empty when there was none. */
export function lastMetrics(state: Pick<RunState, 'evaluations'>, split: SplitName): Metrics {
  return lastEvaluation(state, split)?.metrics ?? {};
}
