/** What loss-probed merging takes. */
import { mergeScheduleFields } from '@ligature/core';
import { z } from 'zod';

export const lossProbedOptionsSchema = z.strictObject({
  ...mergeScheduleFields,
  adjacent: z.boolean().default(true).describe('merge only blocks that have layers next to each other'),
  substitute: z
    .enum(['first', 'second', 'mean', 'best'])
    .default('first')
    .describe(
      'whose weights both blocks use while a merge is tried: of the earlier block, as after the merge; of the later one; ' +
        'the mean of both; or of the first two the cheaper',
    ),
  batches: z
    .int()
    .min(1)
    .max(256)
    .default(4)
    .describe('batches that the costs are means over, the same ones in the whole run'),
});

export type LossProbedOptions = z.output<typeof lossProbedOptionsSchema>;
export type LossProbedOptionsInput = z.input<typeof lossProbedOptionsSchema>;
