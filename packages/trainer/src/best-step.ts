/** Which step is measured at the end of a run that is to be measured at its best one, by its validations on the way. */
import { isBetter, type BestStep, type Metrics, type MetricSpec } from '@ligature/core';

/** What a checkpoint holds of it. */
export interface BestSoFarState {
  readonly best: BestStep | null;
  /** The step that was compared last. */
  readonly compared: number;
}

export class BestSoFar {
  private best: BestStep | null = null;
  private compared = 0;

  /** @param metric that decides; left out: the last step is measured, whatever it is */
  constructor(private readonly metric: MetricSpec | undefined) {}

  /** Of the steps compared; of equals the earliest. `undefined` where none had a finite value. */
  get step(): BestStep | undefined {
    return this.best ?? undefined;
  }

  /** Whether a step has yet to be compared with those before it. */
  lacks(step: number): boolean {
    return this.metric !== undefined && this.compared !== step;
  }

  /** @param now map and ledger of that step */
  compare(step: number, metrics: Metrics, now: () => Pick<BestStep, 'tieMap' | 'ledger'>): void {
    if (this.metric === undefined) return;
    this.compared = step;
    const value = metrics[this.metric.name];
    if (value === undefined || !Number.isFinite(value)) return;
    if (this.best && !isBetter(this.metric, value, this.best.value)) return;
    this.best = { step, value, ...now() };
  }

  snapshot(): BestSoFarState {
    return { best: this.best, compared: this.compared };
  }

  restore({ best, compared }: BestSoFarState): void {
    this.best = best;
    this.compared = compared;
  }
}
