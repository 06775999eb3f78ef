/**
 * How much a window lowered the log perplexity (the mean cross-entropy in nats) below a moving baseline: the
 * exponential average of the windows before it. Its scale does not depend on how far training is, and it does
 * not saturate, unlike minus the perplexity. The first window has no baseline and earns 0.
 */
import { ContractError, defineReward } from '@ligature/core';
import type { Reward, Snapshot } from '@ligature/core';
import { z } from 'zod';
import { clipOption, clipped } from './clip.js';

const options = z.strictObject({
  decay: z
    .number()
    .min(0)
    .lt(1)
    .default(0.5)
    .describe('Weight of the old baseline in the new one; 0: the baseline is the window before'),
  clip: clipOption,
});

export function createLogPerplexityImprovement({ decay, clip }: z.output<typeof options>): Reward {
  let baseline: number | null = null;
  return {
    async measure(probe) {
      const nats = await probe.heldOutLoss();
      // 0 in the first window, unless the loss is not finite: that must show at once.
      const raw = (baseline ?? nats) - nats;
      baseline = baseline === null ? nats : decay * baseline + (1 - decay) * nats;
      return clipped(raw, clip);
    },
    snapshot: () => ({ baseline }),
    restore(state) {
      baseline = savedBaseline(state);
    },
  };
}

function savedBaseline(state: Snapshot): number | null {
  const saved =
    typeof state === 'object' && state !== null && 'baseline' in state ? state.baseline : undefined;
  if (saved === null || (typeof saved === 'number' && Number.isFinite(saved))) return saved;
  throw new ContractError('reward-state-invalid', {
    asked: 'Restore the reward "log-perplexity-improvement"',
    found: 'the saved state has no baseline',
    todo: 'Use a snapshot of the same reward',
  });
}

export const logPerplexityImprovement = defineReward({
  meta: {
    summary: 'Fall of the held-out log perplexity below its moving average; 0 in the first window',
    options,
  },
  create: (chosen) => createLogPerplexityImprovement(chosen),
});
