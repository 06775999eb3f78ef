/** The plug-in: what `--plugins` loads, and what programs import. */
import { defineController, definePlugin } from '@ligature/core';
import { createTieAndTakeBack, optionsSchema } from './tie-and-take-back.js';

export { createTieAndTakeBack, optionsSchema, type Options } from './tie-and-take-back.js';

export const plugin = definePlugin({
  name: '@ligature/controller-loss-probed',
  version: '0.1.0',
  controllers: {
    'loss-probed': defineController({
      meta: {
        summary: 'Merges the neighbouring blocks whose merging costs least held-out loss, on a schedule',
        options: optionsSchema,
      },
      create: createTieAndTakeBack,
    }),
  },
});

export default plugin;
