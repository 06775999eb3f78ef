/** What merging by gradient conflict takes. */
import { mergeScheduleFields } from '@ligature/core';
import { z } from 'zod';

export const gradientConflictOptionsSchema = z.strictObject({
  ...mergeScheduleFields,
  every: z
    .int()
    .min(1)
    .default(4)
    .describe('windows between measurements, each of which takes as much as one training step'),
  memory: z
    .number()
    .min(0)
    .lt(1)
    .default(0.8)
    .describe('weight of the past in the moving average; 0.8 remembers about five measurements'),
  threshold: z
    .number()
    .min(-1)
    .max(1)
    .default(0)
    .describe('a block is split when its uses agree less than this on average; -1: none ever is'),
  margin: z
    .number()
    .min(0)
    .max(2)
    .default(0.05)
    .describe(
      'how far above the threshold neighbours have to agree to be merged in the place of what is split',
    ),
});

export type GradientConflictOptions = z.output<typeof gradientConflictOptionsSchema>;
export type GradientConflictOptionsInput = z.input<typeof gradientConflictOptionsSchema>;
