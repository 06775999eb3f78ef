/** The exponential average of the windows before, which a window is compared with. */
import { ContractError } from '@ligature/core';
import type { Snapshot, Snapshotable } from '@ligature/core';
import { z } from 'zod';

export const decayOption = z
  .number()
  .min(0)
  .lt(1)
  .default(0)
  .describe(
    'Weight of the old baseline in the new one; 0: the baseline is the window before. With a weight w the share w of ' +
      'what a window earned is earned once more by the window after it, whose decision has no part in it',
  );

export interface MovingBaseline {
  /**
   * Compares a window's value with the baseline, and lets the baseline follow. The first window is compared with itself:
   * 0, unless its value is not finite, which must show at once.
   */
  pass(value: number, compare: (baseline: number) => number): number;
  readonly state: Snapshotable;
}

export function movingBaseline(reward: string, decay: number): MovingBaseline {
  let baseline: number | null = null;
  return {
    pass(value, compare) {
      const gained = compare(baseline ?? value);
      baseline = baseline === null ? value : decay * baseline + (1 - decay) * value;
      return gained;
    },
    state: {
      snapshot: () => ({ baseline }),
      restore(state) {
        baseline = savedBaseline(reward, state);
      },
    },
  };
}

function savedBaseline(reward: string, state: Snapshot): number | null {
  const saved =
    typeof state === 'object' && state !== null && 'baseline' in state ? state.baseline : undefined;
  if (saved === null || (typeof saved === 'number' && Number.isFinite(saved))) return saved;
  throw new ContractError('reward-state-invalid', {
    asked: `Restore the reward "${reward}"`,
    found: 'the saved state has no baseline',
    todo: 'Use a snapshot of the same reward',
  });
}
