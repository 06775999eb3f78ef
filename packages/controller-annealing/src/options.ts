/** What annealing takes; the defaults are for runs of about 80 windows on 8 layers. */
import { initialMapSchema } from '@ligature/core';
import { z } from 'zod';

export const annealingOptionsSchema = z.strictObject({
  temperature: z
    .strictObject({
      start: z.number().min(0).max(1e6).default(1).describe('of the first proposal; 0: never worse'),
      decay: z.number().positive().max(1).default(0.93).describe('factor after each proposal'),
      floor: z.number().min(0).max(1e6).default(0.01).describe('never below'),
      unit: z
        .enum(['relative', 'reward'])
        .default('relative')
        .describe('in moving averages of |difference of rewards|, or in rewards'),
    })
    .prefault({})
    .describe('max(floor, start * decay^proposals)'),
  remeasure: z
    .boolean()
    .default(true)
    .describe(
      'after a rejection the map in hand is measured anew for a window; false: its old reward stands',
    ),
  initial: initialMapSchema,
});

export type AnnealingOptions = z.output<typeof annealingOptionsSchema>;
export type AnnealingOptionsInput = z.input<typeof annealingOptionsSchema>;
