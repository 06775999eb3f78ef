/** The plug-in: what `--plugins` loads, and what programs import. */
import { defineController, definePlugin } from '@ligature/core';
import { createTieAndTakeBack, optionsSchema } from './tie-and-take-back.js';

export { createTieAndTakeBack, optionsSchema, type Options } from './tie-and-take-back.js';

export const plugin = definePlugin({
  name: '@ligature/controller-linear-thompson',
  version: '0.1.0',
  controllers: {
    'linear-thompson': defineController({
      meta: {
        summary: 'Thompson sampling over features of tie maps, by Bayesian linear regression',
        options: optionsSchema,
      },
      create: createTieAndTakeBack,
    }),
  },
});

export default plugin;
