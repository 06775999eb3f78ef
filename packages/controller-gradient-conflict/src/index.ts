/** The plug-in: what `--plugins` loads, and what programs import. */
import { defineController, definePlugin } from '@ligature/core';
import { createTieAndTakeBack, optionsSchema } from './tie-and-take-back.js';

export { createTieAndTakeBack, optionsSchema, type Options } from './tie-and-take-back.js';

export const plugin = definePlugin({
  name: '@ligature/controller-gradient-conflict',
  version: '0.1.0',
  controllers: {
    'gradient-conflict': defineController({
      meta: {
        summary: 'Merges neighbours whose gradients agree, and splits blocks whose uses disagree',
        options: optionsSchema,
      },
      create: createTieAndTakeBack,
    }),
  },
});

export default plugin;
