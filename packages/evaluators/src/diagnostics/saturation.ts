/**
 * Reward saturation: nearly all rewards were clipped, or all are equal, so they say nothing about decisions. The
 * official reward is in this state for most of a language model's training.
 */
import { largest, smallest } from '@ligature/core';
import type { DiagnosticsOptions } from './options.js';
import { z } from 'zod';
import { mean, percent, Recent, restoring, type Detector, type Verdict } from './detector.js';

const measured = z.strictObject({ reward: z.number(), saturated: z.boolean() });

export function saturationDetector(options: DiagnosticsOptions['saturation']): Detector {
  const code = 'reward-saturated';
  const rewards = new Recent(options.windows, measured);
  let decided = false;
  return {
    codes: [code],
    observe(event): readonly Verdict[] {
      if (event.type === 'tying.decided' && event.kind !== 'keep') decided = true;
      if (event.type !== 'reward.measured') return [];
      rewards.push({ reward: event.reward, saturated: event.saturated });
      if (!decided || !rewards.full) return [];
      const saturatedShare = mean(rewards.items.map(({ saturated }) => Number(saturated)));
      const values = rewards.items.map(({ reward }) => reward);
      const spread = largest(values) - smallest(values);
      return [
        {
          code,
          failing: saturatedShare >= options.share || spread === 0,
          message:
            spread === 0
              ? `The last ${values.length} rewards are all ${values[0]}: there is nothing to learn from them`
              : `Clipping changed ${percent(saturatedShare)} of the last ${values.length} rewards`,
          evidence: { windows: values.length, saturatedShare, spread },
        },
      ];
    },
    snapshot: () => ({ rewards: rewards.snapshot(), decided }),
    restore: restoring(
      'saturation',
      z.strictObject({ rewards: rewards.schema, decided: z.boolean() }),
      (saved) => {
        rewards.restore(saved.rewards);
        ({ decided } = saved);
      },
    ),
  };
}
