/** What halving takes; the defaults need 68 windows, of the 80 of the default run on 8 layers. */
import { initialMapSchema } from '@ligature/core';
import { z } from 'zod';

export const halvingOptionsSchema = z.strictObject({
  candidates: z
    .number()
    .int()
    .min(1)
    .max(256)
    .default(16)
    .describe('maps that are drawn; all there are, where the stack has fewer'),
  warmup: z
    .number()
    .int()
    .min(0)
    .max(1_000_000)
    .default(8)
    .describe('windows under the initial map before the first round'),
  visits: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(2)
    .describe('windows in a row that each map left has in a round'),
  initial: initialMapSchema,
});

export type HalvingOptions = z.output<typeof halvingOptionsSchema>;
export type HalvingOptionsInput = z.input<typeof halvingOptionsSchema>;
