/** What a progress view knows of one run: the fold of its events, and a clock for the time to go. */
import {
  independentLayers,
  RunFold,
  visibleLine,
  type FinalPass,
  type LigatureEvent,
  type TakenStep,
  type TieMap,
} from '@ligature/core';

export interface ProgressState {
  /** `q-learning, seed 1`; a comparison puts `[2/5]` before it. */
  readonly label: string;
  readonly steps: number;
  readonly step: number;
  readonly tieMap: TieMap;
  /** Training loss, smoothed as on paper: a tenth of each new one. `null` before the first step. */
  readonly loss: number | null;
  /** What targets are, in the plural: `tokens`. */
  readonly unit: string;
  /** Targets a second. */
  readonly tokensPerSecond: number | null;
  /** Milliseconds to go, with the evaluation that ends the run; `null` while there is nothing to go by. */
  readonly remaining: number | null;
}

/** What is older than the last few hundred steps has no part in a number that is shown. */
const LIMITS = { steps: 256, windows: 64 };

/** One run as its events tell it. */
export class RunProgress {
  #fold = new RunFold({ limits: LIMITS });
  /** Steps that were seen being done: those of a run that goes on were not. */
  #seen = 0;
  /** When the first of them was done, in the view's own clock. */
  #firstAt = 0;
  #perStep: number | null = null;
  #unit = 'tokens';
  #final: readonly FinalPass[] = [];

  constructor(private readonly label: string) {}

  /** @param now monotonic milliseconds, for the time to go */
  observe(event: LigatureEvent, now: number): void {
    if (event.type === 'run.started') {
      this.#fold = new RunFold({ limits: LIMITS });
      this.#seen = 0;
      this.#perStep = null;
    }
    if (event.type === 'run.started' || event.type === 'run.resumed') {
      this.#unit = visibleLine(event.unit ?? 'tokens');
      this.#final = event.finalPasses ?? [];
    }
    this.#fold.observe(event);
    if (event.type !== 'step.completed') return;
    this.#seen += 1;
    // The first step compiles and allocates: it is no measure of the others.
    if (this.#seen === 1) this.#firstAt = now;
    else this.#perStep = (now - this.#firstAt) / (this.#seen - 1);
  }

  get state(): ProgressState {
    const { step, tieMap, plannedSteps = 0, steps: taken } = this.#fold.state;
    const steps = expectedSteps(plannedSteps, taken.at(-1));
    return {
      ...{ label: this.label, steps, step, tieMap, unit: this.#unit },
      loss: taken.reduce<number | null>((before, { loss }) => smooth(before, loss), null),
      tokensPerSecond: taken.reduce<number | null>(
        (before, { stepTokens, durationMs }) =>
          durationMs > 0 ? smooth(before, (1000 * stepTokens) / durationMs) : null,
        null,
      ),
      remaining:
        this.#perStep === null ? null : this.#perStep * (steps - step + this.#measuringSteps(taken.at(-1))),
    };
  }

  /** As many steps as the final evaluation lasts: scoring a target takes a pass forward, a third of training on it. */
  #measuringSteps(last: TakenStep | undefined): number {
    const targets = this.#final.reduce((sum, { weight }) => sum + weight, 0);
    return last && last.stepTokens > 0 ? targets / last.stepTokens / 3 : 0;
  }

  /** Batches of the final evaluation that come after those of a split; 0 while the run trains. */
  batchesAfter(split: string): number {
    const { step, plannedSteps = 0, steps } = this.#fold.state;
    const at = this.#final.findIndex((pass) => pass.split === split);
    if (at === -1 || step < expectedSteps(plannedSteps, steps.at(-1))) return 0;
    return this.#final.slice(at + 1).reduce((sum, { batches }) => sum + batches, 0);
  }
}

const smooth = (before: number | null, next: number): number =>
  before === null ? next : before + 0.1 * (next - before);

/** Under a budget of FLOPs or seconds, as many as the rest will take if it costs what the steps so far did. */
function expectedSteps(planned: number, last: TakenStep | undefined): number {
  if (last?.spent === undefined) return planned;
  return last.spent >= 1 ? last.step : Math.max(last.step + 1, Math.round(last.step / last.spent));
}

export const independent = ({ tieMap }: ProgressState): string =>
  `${independentLayers(tieMap).length}/${tieMap.length}`;
