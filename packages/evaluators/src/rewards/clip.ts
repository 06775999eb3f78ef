import type { RewardMeasurement } from '@ligature/core';
import { z } from 'zod';

/** Schema of the option that every reward here has. */
export const clipOption = z
  .number()
  .gt(0)
  .nullable()
  .default(null)
  .describe('Keep the reward within plus and minus this; null: as it is');

/** Clips and says whether that changed anything. */
export function clipped(raw: number, clip: number | null): RewardMeasurement {
  const reward = clip === null ? raw : Math.min(clip, Math.max(-clip, raw));
  return { reward, raw, saturated: reward !== raw };
}
