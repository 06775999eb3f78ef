/** The plug-in: what `--plugins` loads, and what programs import. */
import { defineController, definePlugin } from '@ligature/core';
import { createTieAndTakeBack, optionsSchema } from './tie-and-take-back.js';

export { createTieAndTakeBack, optionsSchema, type Options } from './tie-and-take-back.js';

export const plugin = definePlugin({
  name: '@example/my-controller',
  version: '0.1.0',
  controllers: {
    'my-controller': defineController({
      meta: {
        summary: 'Ties a layer, watches the reward and takes the tie back where it hurt',
        options: optionsSchema,
      },
      create: createTieAndTakeBack,
    }),
  },
});

export default plugin;
