import { defineController, definePlugin } from '@ligature/core';
import { createLossProbed } from './controller.js';
import { lossProbedOptionsSchema } from './options.js';

export const plugin = definePlugin({
  name: '@ligature/controller-loss-probed',
  version: '0.1.0',
  controllers: {
    'loss-probed': defineController({
      meta: {
        summary: 'Merges the neighbouring blocks whose merging costs least held-out loss, on a schedule',
        options: lossProbedOptionsSchema,
      },
      create: createLossProbed,
    }),
  },
});

export default plugin;
