/** How much of a reward is that of the window before. */
import { TOKENS } from '@ligature/core';
import type { Choice, ControllerContext } from '@ligature/core';

/** The default of `decay` of the rewards that are measured from a moving average. */
const USUAL_DECAY = 0.5;

/**
 * With a moving average of decay d as its base, a reward is r_t = f_t + d r_(t-1), f_t being how far the loss fell in the
 * window: half of it, by default, belongs to the windows before. `f_t = r_t - carry r_(t-1)` gives the fall back; a level,
 * such as minus the perplexity, has it with 1.
 */
export function carryOf(option: number | null, get: ControllerContext['get']): number {
  if (option !== null) return option;
  let reward: Choice | undefined;
  try {
    ({ reward } = get(TOKENS.config));
  } catch {
    // Driven without a run: nobody says what is measured, so a reward is what it is.
    return 0;
  }
  if (reward.name === 'negative-perplexity') return 1;
  const { decay } = reward.options as { decay?: unknown };
  if (typeof decay === 'number') return decay;
  return reward.name.endsWith('-improvement') ? USUAL_DECAY : 0;
}
