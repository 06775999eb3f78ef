/**
 * How much a window lowered the held-out loss (of a language model the log perplexity, in nats) below a moving baseline:
 * the exponential average of the windows before it. Its scale does not depend on how far training is, and it does
 * not saturate, unlike minus the perplexity. The first window has no baseline and earns 0.
 */
import { defineReward } from '@ligature/core';
import type { Reward } from '@ligature/core';
import { z } from 'zod';
import { clipOption, clipped } from './clip.js';
import { decayOption, movingBaseline } from './moving-baseline.js';

const options = z.strictObject({ decay: decayOption, clip: clipOption });

export function createLogPerplexityImprovement({ decay, clip }: z.output<typeof options>): Reward {
  const baseline = movingBaseline('log-perplexity-improvement', decay);
  return {
    async measure(probe) {
      const loss = await probe.heldOutLoss();
      return clipped(
        baseline.pass(loss, (before) => before - loss),
        clip,
      );
    },
    ...baseline.state,
  };
}

export const logPerplexityImprovement = defineReward({
  meta: {
    summary: 'Fall of the held-out loss (log perplexity) below its moving average; 0 in the first window',
    options,
  },
  create: (chosen) => createLogPerplexityImprovement(chosen),
});
