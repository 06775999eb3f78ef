/** What linear Thompson takes; the defaults are for runs of several hundred windows. */
import { z } from 'zod';

const share = z.number().min(0).max(1);

export const linearThompsonOptionsSchema = z
  .strictObject({
    blocks: z
      .int()
      .min(1)
      .nullable()
      .default(null)
      .describe('only maps with so many blocks; null: maps of any size, whose number of blocks is a feature'),
    contiguous: z
      .boolean()
      .default(false)
      .describe('only maps whose blocks are runs of neighbours, 0-0-2-2 but not 0-1-0-1'),
    candidates: z
      .int()
      .min(1)
      .max(4096)
      .default(512)
      .describe('maps that are chosen from: all there are, or so many drawn once where there are more'),
    features: z
      .enum(['summary', 'joins', 'both'])
      .default('summary')
      .describe(
        'what a map is described by: a few numbers of the whole map, one number for every two neighbours (do they share?), or both',
      ),
    hold: z
      .int()
      .min(1)
      .max(10_000)
      .default(4)
      .describe('windows on a map before another one is drawn; they are one observation'),
    settle: z
      .int()
      .min(0)
      .max(10_000)
      .default(1)
      .describe('windows after a change of the map that are left out of it; less than hold'),
    from: share.default(0.05).describe('share of the budget that is trained untied before the first map'),
    until: share
      .default(0.5)
      .describe('share of the budget after which the map with the best posterior mean is kept'),
    carry: z
      .number()
      .min(-1)
      .max(1)
      .nullable()
      .default(null)
      .describe(
        'what a reward has of the one before, which is taken out: decay for a reward that is measured from a moving ' +
          'average, 1 for a level, 0 for a difference; null: as the reward of the run has it',
      ),
    spread: z
      .number()
      .positive()
      .max(1000)
      .default(0.5)
      .describe('standard deviation of the prior of a weight, in standard deviations of the noise'),
    noise: z
      .number()
      .positive()
      .default(0.01)
      .describe(
        'guess of the standard deviation of an observation, in units of the reward: worth two observations',
      ),
  })
  .refine(({ hold, settle }) => settle < hold, {
    message: 'leaves nothing of a hold: it has to be less than hold',
    path: ['settle'],
  })
  .refine(({ from, until }) => from <= until, { message: 'is later than until', path: ['from'] });

export type LinearThompsonOptions = z.output<typeof linearThompsonOptionsSchema>;
export type LinearThompsonOptionsInput = z.input<typeof linearThompsonOptionsSchema>;
