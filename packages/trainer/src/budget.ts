/** What a run may spend before it ends, and what it has spent: steps, floating-point operations or seconds. */
import { InputError } from '@ligature/core';
import type { TrainerOptions } from './options.js';

type Limits = Pick<TrainerOptions, 'steps' | 'budget'>;

/** What has been spent; kept with a checkpoint, so that a run that goes on spends the rest. */
export interface Spent {
  /** Of training steps, by the ledger of the tie map that each was taken under. */
  readonly flops: number;
  /** Counted under a budget of seconds only: no two runs agree on them. */
  readonly milliseconds: number;
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

  constructor(private readonly limits: Limits) {}

  /** Whether time is what is limited. Nothing looks at a clock for it otherwise. */
  get isTime(): boolean {
    return this.limits.budget?.kind === 'seconds';
  }

  get spent(): Spent {
    const { flops, milliseconds } = this;
    return { flops, milliseconds };
  }

  restore({ flops, milliseconds }: Spent): void {
    Object.assign(this, { flops, milliseconds });
  }

  addFlops(flops: number): void {
    this.flops += flops;
  }

  addTime(milliseconds: number): void {
    this.milliseconds += milliseconds;
  }

  /** Share of the budget that is spent after `step` steps, 0..1 and beyond. */
  share(step: number): number {
    const { steps, budget } = this.limits;
    if (budget?.kind === 'flops') return this.flops / budget.amount;
    if (budget?.kind === 'seconds') return this.milliseconds / 1000 / budget.amount;
    return step / steps;
  }

  isSpent(step: number): boolean {
    return this.countsSteps ? step >= this.limits.steps : this.share(step) >= 1;
  }

  /** Whether the steps are known from the start: then they are the budget, of tokens too. */
  get countsSteps(): boolean {
    const { budget } = this.limits;
    return !budget || budget.kind === 'tokens';
  }

  /**
   * The steps that the whole budget will have taken, for the learning rate: of FLOPs and seconds as many as if the
   * rest cost what the steps so far did, on average. Where every step costs the same this is the very number, and the
   * learning rate that of a run of so many steps; it never rises after the warm-up, and ends at its floor.
   */
  expectedSteps(step: number): number {
    if (this.countsSteps) return this.limits.steps;
    const share = this.share(step);
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
}
