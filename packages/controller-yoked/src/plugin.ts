import { defineController, definePlugin } from '@ligature/core';
import { createYoked, yokedOptionsSchema } from './yoked.js';

export const plugin = definePlugin({
  name: '@ligature/controller-yoked',
  version: '0.1.0',
  controllers: {
    yoked: defineController({
      meta: {
        summary: 'Any learner, fed with permuted rewards: what it does without what it could learn',
        options: yokedOptionsSchema,
      },
      create: createYoked,
    }),
  },
});

export default plugin;
