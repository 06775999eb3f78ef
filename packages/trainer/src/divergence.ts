/** A loss or a gradient that is not finite, as an error and as JSON. */
import { LigatureError } from '@ligature/core';

/** After so many windows that diverged the fault is not in the text. */
export const MOST_ROLLBACKS = 3;

/** JSON has no number for NaN and infinity. */
export const asJson = (value: number): number | string => (Number.isFinite(value) ? value : String(value));

export function diverged(
  step: number,
  window: number,
  loss: number,
  gradientNorm: number,
  learningRate: number,
): LigatureError {
  return new LigatureError('diverged', {
    asked: `Train step ${step} of window ${window}`,
    found: `the loss is ${loss} and the gradient norm ${gradientNorm} at learning rate ${learningRate}`,
    todo: 'Lower the learning rate, warm up longer or clip the gradient lower',
  });
}
