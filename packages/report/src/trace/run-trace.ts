/** A run as a table of steps and a table of windows, from its event log: what charts and pages are made of. */
import { RunFold, type LigatureEvent, type RunStarted, type RunState } from '@ligature/core';

export type { DiagnosticTrace, EvaluationPoint, LedgerPoint, StepPoint, WindowTrace } from '@ligature/core';

export interface RunTrace extends Pick<
  RunState,
  'steps' | 'windows' | 'ledgers' | 'evaluations' | 'diagnostics' | 'outcome'
> {
  readonly controller: string;
  readonly seed: number;
  readonly layers: number;
  /** What the run said of its task: logs of before say nothing. */
  readonly task: Pick<RunStarted, 'unit' | 'lossUnit' | 'metrics'>;
  /** Steps that the run was to have. */
  readonly plannedSteps: number;
}

/** @param accumulation batches of one step: the ledger counts the operations of one */
export function traceRun(events: Iterable<LigatureEvent>, accumulation = 1): RunTrace {
  const fold = new RunFold({ accumulation });
  for (const event of events) fold.observe(event);
  const { started, plannedSteps = 0, ...state } = fold.state;
  const { steps, windows, ledgers, evaluations, diagnostics, outcome } = state;
  return {
    controller: started?.controller ?? '',
    seed: started?.seed ?? 0,
    layers: started?.layers ?? 0,
    task: {
      ...(started?.unit !== undefined && { unit: started.unit }),
      ...(started?.lossUnit !== undefined && { lossUnit: started.lossUnit }),
      ...(started?.metrics !== undefined && { metrics: started.metrics }),
    },
    plannedSteps,
    ...{ steps, windows, ledgers, evaluations, diagnostics, outcome },
  };
}
