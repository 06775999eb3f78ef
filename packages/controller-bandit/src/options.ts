/** What the bandit takes; the defaults are for runs of about 80 windows on 8 layers. */
import { initialMapSchema } from '@ligature/core';
import { z } from 'zod';

export const banditOptionsSchema = z
  .strictObject({
    policy: z
      .enum(['ucb', 'thompson'])
      .default('ucb')
      .describe('upper confidence bounds (UCB1), or Thompson sampling with normal posteriors'),
    arms: z
      .enum(['flat', 'hierarchical'])
      .default('flat')
      .describe(
        'flat: each layer has one arm for every source, the owner standing for all that share its block; ' +
          'hierarchical: each layer learns whether to share, all layers together with which block',
      ),
    exploration: z
      .number()
      .min(0)
      .max(100)
      .default(0.3)
      .describe('width of the bounds or of the posteriors; sqrt(2) with ucb is UCB1'),
    discount: z
      .number()
      .positive()
      .max(1)
      .default(0.95)
      .describe("weight of a bandit's earlier rewards after each new one; 1: nothing is forgotten"),
    window: z
      .number()
      .int()
      .min(1)
      .max(100_000)
      .nullable()
      .default(null)
      .describe('only the last so many rewards of a bandit count (sliding window); null: all of them'),
    rewards: z
      .enum(['standardised', 'raw'])
      .default('standardised')
      .describe('distance from the moving average in mean deviations, at most 3; or as they come'),
    memory: z
      .number()
      .min(0)
      .lt(1)
      .default(0.9)
      .describe('weight of the past in these moving averages; 0.9 remembers about ten windows'),
    initial: initialMapSchema,
  })
  .refine(({ discount, window }) => discount === 1 || window === null, {
    message: 'is one way to forget, discount the other: set discount to 1 to use it',
    path: ['window'],
  });

export type BanditOptions = z.output<typeof banditOptionsSchema>;
export type BanditOptionsInput = z.input<typeof banditOptionsSchema>;
