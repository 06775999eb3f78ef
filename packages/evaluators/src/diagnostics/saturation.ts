/**
 * Reward saturation: nearly all rewards were clipped, or all are equal, so they say nothing about decisions. The
 * official reward is in this state for most of a language model's training.
 */
import type { DiagnosticsOptions } from './options.js';
import { mean, percent, Recent, type Detector, type Verdict } from './detector.js';

export function saturationDetector(options: DiagnosticsOptions['saturation']): Detector {
  const code = 'reward-saturated';
  const rewards = new Recent<{ readonly reward: number; readonly saturated: boolean }>(options.windows);
  let decided = false;
  return {
    codes: [code],
    observe(event): readonly Verdict[] {
      if (event.type === 'tying.decided' && event.kind !== 'keep') decided = true;
      if (event.type !== 'reward.measured') return [];
      rewards.push(event);
      if (!decided || !rewards.full) return [];
      const saturatedShare = mean(rewards.items.map(({ saturated }) => Number(saturated)));
      const values = rewards.items.map(({ reward }) => reward);
      const spread = Math.max(...values) - Math.min(...values);
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
  };
}
