/**
 * What a run may spend before it ends, and what it has spent: steps, tokens, floating-point operations or seconds. What was
 * measured for a controller or a reward is spent of tokens and operations as training is; a budget of steps counts steps.
 */
import { InputError, type MeasuringCost } from '@ligature/core';
import type { TrainerOptions } from './options.js';

type Limits = Pick<TrainerOptions, 'steps' | 'budget' | 'stepTokens'>;

/** What has been spent; kept with a checkpoint, so that a run that goes on spends the rest. */
export interface Spent {
  /** Of training steps, by the ledger of the tie map that each was taken under. */
  readonly flops: number;
  /** Counted under a budget of seconds only: no two runs agree on them. */
  readonly milliseconds: number;
  /** Measurements for the controller and probes for rewards. */
  readonly measuring: MeasuringCost;
}

/** A run that spends nothing would never end. */
export function uncounted(amount: number): InputError {
  return new InputError('budget-uncounted', {
    asked: `Train for ${amount} FLOPs`,
    found: 'the model says that a step costs none',
    todo: 'Set a budget of steps or tokens, or have the `cost` of the model count its operations',
  });
}

export class Budget {
  private flops = 0;
  private milliseconds = 0;
  private measuring: MeasuringCost = { tokens: 0, flops: 0 };

  constructor(private readonly limits: Limits) {}

  /** Whether time is what is limited. Nothing looks at a clock for it otherwise. */
  get isTime(): boolean {
    return this.limits.budget?.kind === 'seconds';
  }

  get spent(): Spent {
    const { flops, milliseconds, measuring } = this;
    return { flops, milliseconds, measuring };
  }

  restore({ flops, milliseconds, measuring }: Spent): void {
    Object.assign(this, { flops, milliseconds, measuring });
  }

  addFlops(flops: number): void {
    this.flops += flops;
  }

  addMeasuring({ tokens, flops }: MeasuringCost): void {
    const { measuring } = this;
    this.measuring = { tokens: measuring.tokens + tokens, flops: measuring.flops + flops };
  }

  addTime(milliseconds: number): void {
    this.milliseconds += milliseconds;
  }

  /** Share of the budget that is spent after `step` steps, 0..1 and beyond. */
  share(step: number): number {
    const { steps, budget } = this.limits;
    if (budget?.kind === 'flops') return (this.flops + this.measuring.flops) / budget.amount;
    if (budget?.kind === 'seconds') return this.milliseconds / 1000 / budget.amount;
    if (!this.isCharged || !budget) return step / steps;
    return (step * this.stepTokens + this.measuring.tokens) / budget.amount;
  }

  isSpent(step: number): boolean {
    return this.countsSteps ? step >= this.stepsLeftOver : this.share(step) >= 1;
  }

  /** Whether the steps are known from the start: then they are the budget, of tokens too. */
  get countsSteps(): boolean {
    const { budget } = this.limits;
    return !budget || budget.kind === 'tokens';
  }

  /**
   * The steps that the whole budget will have taken, for the learning rate: of FLOPs and seconds as many as if the
   * rest cost what the steps so far did, on average, and nothing more were measured. Where every step costs the same this is
   * the very number, and the learning rate that of a run of so many steps; it never rises after the warm-up, and ends at
   * its floor.
   */
  expectedSteps(step: number): number {
    if (this.countsSteps) return this.stepsLeftOver;
    const share = this.trainedShare(step);
    return share > 0 ? step / Math.min(1, share) : Infinity;
  }

  /**
   * The steps to announce: of FLOPs as many as at `flops` a step; of seconds 0, because nobody knows.
   *
   * @param flops of a step under the first tie map
   */
  announcedSteps(flops: number): number {
    const { steps, budget } = this.limits;
    if (budget?.kind === 'seconds') return 0;
    return budget?.kind === 'flops' ? Math.ceil(budget.amount / flops) : steps;
  }

  /** Whether measuring has shortened a budget of tokens: then steps say less than the share that is spent. */
  get isCharged(): boolean {
    return this.limits.budget?.kind === 'tokens' && this.measuring.tokens > 0;
  }

  /** Of a budget of steps or tokens: the steps that fit into what is not spent on measuring. */
  private get stepsLeftOver(): number {
    const { steps, budget } = this.limits;
    if (!this.isCharged || !budget) return steps;
    return Math.max(0, Math.ceil((budget.amount - this.measuring.tokens) / this.stepTokens));
  }

  /** Where nobody says what a step sees, the budget is shared evenly by its steps. */
  private get stepTokens(): number {
    const { steps, budget, stepTokens } = this.limits;
    return stepTokens ?? (budget?.amount ?? steps) / steps;
  }

  /** Of what is left for training: the share that is spent. All of it, where measuring took everything. */
  private trainedShare(step: number): number {
    const { budget } = this.limits;
    if (budget?.kind !== 'flops') return this.share(step);
    const left = budget.amount - this.measuring.flops;
    return left > 0 ? this.flops / left : 1;
  }
}
