/** What a progress view knows of one run: folded from the run's events, nothing else. */
import { independentLayers, type LigatureEvent, type TieMap } from '@ligature/core';
import type { ResumedAt } from '@ligature/run';

type StepCompleted = Extract<LigatureEvent, { type: 'step.completed' }>;

export interface ProgressState {
  /** `q-learning, seed 1`; a comparison puts `[2/5]` before it. */
  readonly label: string;
  readonly steps: number;
  readonly step: number;
  readonly tieMap: TieMap;
  /** Training loss, smoothed as on paper: a tenth of each new one. `null` before the first step. */
  readonly loss: number | null;
  readonly tokensPerSecond: number | null;
  /** Milliseconds to go, evaluations left out; `null` while there is nothing to go by. */
  readonly remaining: number | null;
  /** When the first step that was seen was done, in the view's own clock. */
  readonly firstStepAt: number | null;
  /** Steps before that one: those of a run that goes on were not seen. */
  readonly before: number;
}

export const idle = (label: string): ProgressState => ({
  label,
  steps: 0,
  step: 0,
  tieMap: [],
  loss: null,
  tokensPerSecond: null,
  remaining: null,
  firstStepAt: null,
  before: 0,
});

/** A run that goes on where it was stopped. */
export const resumedAt = (label: string, { step, steps, tieMap }: ResumedAt): ProgressState => ({
  ...idle(label),
  ...{ step, steps, tieMap, before: step },
});

const smooth = (before: number | null, next: number): number =>
  before === null ? next : before + 0.1 * (next - before);

/** The state after an event. @param now monotonic milliseconds, for the time to go */
export function advance(state: ProgressState, event: LigatureEvent, now: number): ProgressState {
  switch (event.type) {
    case 'run.started':
      return { ...idle(state.label), steps: event.steps, tieMap: event.tieMap };
    case 'tying.applied':
      return { ...state, tieMap: event.tieMap };
    case 'step.completed': {
      // The first step compiles and allocates: it is no measure of the others.
      const firstStepAt = state.firstStepAt ?? now;
      const measured = event.step - state.before - 1;
      const perStep = measured > 0 ? (now - firstStepAt) / measured : null;
      const steps = stepsOf(state, event);
      return {
        ...state,
        step: event.step,
        steps,
        firstStepAt,
        loss: smooth(state.loss, event.loss),
        tokensPerSecond:
          event.durationMs > 0
            ? smooth(state.tokensPerSecond, (1000 * event.tokens) / event.durationMs)
            : null,
        remaining: perStep === null ? null : perStep * (steps - event.step),
      };
    }
    default:
      return state;
  }
}

/** Under a budget of FLOPs or seconds, as many as the rest will take if it costs what the steps so far did. */
function stepsOf({ steps }: ProgressState, { step, spent }: StepCompleted): number {
  if (spent === undefined) return steps;
  return spent >= 1 ? step : Math.max(step + 1, Math.round(step / spent));
}

export const independent = ({ tieMap }: ProgressState): string =>
  `${independentLayers(tieMap).length}/${tieMap.length}`;
