import { defineController, definePlugin } from '@ligature/core';
import { createAnnealing } from './controller.js';
import { annealingOptionsSchema } from './options.js';

export const plugin = definePlugin({
  name: '@ligature/controller-annealing',
  version: '0.1.0',
  controllers: {
    annealing: defineController({
      meta: {
        summary:
          'Simulated annealing over tie maps: takes better neighbours of a map, and worse ones while it is hot',
        reference: 'Kirkpatrick, Gelatt & Vecchi 1983, Science 220; Hastings 1970, Biometrika 57',
        options: annealingOptionsSchema,
      },
      create: createAnnealing,
    }),
  },
});

export default plugin;
