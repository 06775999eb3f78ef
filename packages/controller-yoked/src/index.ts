/** The plug-in: what `--plugins` loads, and what programs import. */
import { defineController, definePlugin } from '@ligature/core';
import { createTieAndTakeBack, optionsSchema } from './tie-and-take-back.js';

export { createTieAndTakeBack, optionsSchema, type Options } from './tie-and-take-back.js';

export const plugin = definePlugin({
  name: '@ligature/controller-yoked',
  version: '0.1.0',
  controllers: {
    yoked: defineController({
      meta: {
        summary: 'Any learner, fed with permuted rewards: what it does without what it could learn',
        options: optionsSchema,
      },
      create: createTieAndTakeBack,
    }),
  },
});

export default plugin;
