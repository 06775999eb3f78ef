/** A run as a table of steps and a table of windows, from its event log: what charts and pages are made of. */
import {
  RunFold,
  type LigatureEvent,
  type MetricSpec,
  type RunState,
  type TrialResult,
} from '@ligature/core';
import { LANGUAGE_MODEL } from '@ligature/run';
import { metricAxis, metricName } from '@ligature/studies';

export type { DiagnosticTrace, EvaluationPoint, LedgerPoint, StepPoint, WindowTrace } from '@ligature/core';

/** What a run's numbers are numbers of. */
export type Measured = Pick<TrialResult, 'unit' | 'lossUnit' | 'metrics'>;

/** As the run said when it started; logs of before there were tasks do not say it, and are of language models. */
export function measuredOf(started: RunState['started']): Measured {
  const { unit, lossUnit, metrics } = LANGUAGE_MODEL;
  const told = started?.metrics ?? [];
  return {
    unit: started?.unit ?? unit,
    lossUnit: started?.lossUnit ?? lossUnit,
    metrics: told.length > 0 ? told : metrics,
  };
}

/** `loss, nats per token`, `accuracy`. */
export function metricTitle(metric: MetricSpec, lossUnit: string): string {
  const [name, unit] = [metricName(metric), metricAxis(metric, lossUnit)];
  return name === unit ? name : `${name}, ${unit}`;
}

/** Whether a metric has a place on the axis of the training loss: it is in the same unit. */
export const isBesideLoss = ({ unit }: MetricSpec, lossUnit: string): boolean =>
  unit !== '' && lossUnit.startsWith(`${unit} `);

export interface RunTrace
  extends
    Pick<TrialResult, keyof Measured>,
    Pick<
      RunState,
      'steps' | 'windows' | 'ledgers' | 'evaluations' | 'diagnostics' | 'outcome' | 'missingSteps'
    > {
  readonly controller: string;
  readonly seed: number;
  readonly layers: number;
  /** Steps that the run was to have. */
  readonly plannedSteps: number;
}

/** @param accumulation batches of one step: the ledger counts the operations of one */
export function traceRun(events: Iterable<LigatureEvent>, accumulation = 1): RunTrace {
  const fold = new RunFold({ accumulation });
  for (const event of events) fold.observe(event);
  const { started, plannedSteps = 0, ...state } = fold.state;
  const { steps, windows, ledgers, evaluations, diagnostics, outcome, tieMap, missingSteps } = state;
  return {
    controller: started?.controller ?? '',
    seed: started?.seed ?? 0,
    // Where the beginning of the log is gone, a map says how many there are.
    layers: started?.layers ?? tieMap.length,
    plannedSteps,
    ...measuredOf(started),
    ...{ steps, windows, ledgers, evaluations, diagnostics, outcome },
    ...(missingSteps !== undefined && { missingSteps }),
  };
}
