/**
 * What the result of a run reports, from its events. A resumed run begins with what its checkpoint says of those before;
 * where it is of a version that did not, with those of the log.
 */
import {
  lastEvaluation,
  RunFold,
  type EventBus,
  type LigatureEvent,
  type Snapshot,
  type Snapshotable,
  type SplitName,
} from '@ligature/core';
import { median } from 'simple-statistics';
import type { DiagnosticNote, LossPoint, TieMapChange, TrialResult } from './results.js';

export class Collector implements Snapshotable {
  readonly #fold = new RunFold();

  attach(bus: EventBus): void {
    bus.events$.subscribe((event) => this.observe(event));
  }

  observe(event: LigatureEvent): void {
    this.#fold.observe(event);
  }

  /** All that the result reports, for a run that goes on. */
  snapshot(): Snapshot {
    return this.#fold.snapshot();
  }

  /** @throws InputError (`state-invalid`) */
  restore(saved: Snapshot): void {
    this.#fold.restore(saved);
  }

  get losses(): readonly LossPoint[] {
    return this.#fold.state.steps.map(({ step, loss }) => ({ step, loss }));
  }

  /** Steps in all, as the run announced them; a log whose first part was thrown away does not say. */
  get announcedSteps(): number | undefined {
    return this.#fold.state.plannedSteps;
  }

  get tieMaps(): readonly TieMapChange[] {
    return this.#fold.state.tieMaps;
  }

  get diagnostics(): readonly DiagnosticNote[] {
    return this.#fold.state.diagnostics.map(({ code, window, message }) => ({ code, window, message }));
  }

  /** Tokens of the steps that count; those of steps that were rolled back do not. */
  get tokens(): number {
    return this.#fold.state.totals.tokens;
  }

  get trainingSeconds(): number {
    return this.#fold.state.totals.seconds;
  }

  /**
   * What the last evaluations of both splits found; empty for one that the run was stopped before. `subset`: of splits of
   * which only some batches were taken.
   *
   * @param of the step whose weights are reported; left out: those of each evaluation
   */
  measured(of?: number): Pick<TrialResult, 'validation' | 'test' | 'subset'> {
    const last = (split: SplitName) => lastEvaluation(this.#fold.state, split, of);
    const found = (['validation', 'test'] as const).flatMap((split) => {
      const subset = last(split)?.subset;
      return subset ? [[split, subset] as const] : [];
    });
    return {
      validation: last('validation')?.metrics ?? {},
      test: last('test')?.metrics ?? {},
      ...(found.length > 0 && { subset: Object.fromEntries(found) }),
    };
  }

  /** A metric of a step's validation on the way, if it had one just now. */
  validationAt(step: number, metric: string): number | undefined {
    const last = this.#fold.state.evaluations.findLast(
      ({ split, weightsOf }) => split === 'validation' && weightsOf === undefined,
    );
    return last?.step === step ? last.metrics[metric] : undefined;
  }

  /** Median over steps without the first two, which compile kernels and grow memory. */
  tokensPerSecond(): number {
    const timed = this.#fold.state.steps.filter(({ durationMs }) => durationMs > 0);
    const rates = timed.map(({ stepTokens, durationMs }) => (1000 * stepTokens) / durationMs);
    const warm = rates.length > 2 ? rates.slice(2) : rates;
    return warm.length > 0 ? median(warm) : 0;
  }
}
