/** What merging by similarity takes; the defaults are for runs of about 80 windows on 8 layers. */
import { mergeScheduleFields } from '@ligature/core';
import { z } from 'zod';

export const similarityOptionsSchema = z.strictObject({
  measure: z
    .enum(['weight-cosine', 'hidden-cka', 'gradient-cosine'])
    .default('hidden-cka')
    .describe('what is compared: weights, what leaves the layers (linear CKA), or gradients of one batch'),
  warmup: z
    .int()
    .min(0)
    .default(10)
    .describe('windows before the first merge: at its start a model tells nothing of its layers'),
  every: z.int().min(1).default(5).describe('windows between merges'),
  blocks: mergeScheduleFields.blocks,
  threshold: z
    .number()
    .min(-1)
    .max(1)
    .default(-1)
    .describe('blocks that are less alike are not merged; -1: all may be'),
  adjacent: z.boolean().default(false).describe('merge only blocks that have layers next to each other'),
});

export type SimilarityOptions = z.output<typeof similarityOptionsSchema>;
export type SimilarityOptionsInput = z.input<typeof similarityOptionsSchema>;
