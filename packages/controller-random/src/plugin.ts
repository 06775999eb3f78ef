import { defineController, definePlugin } from '@ligature/core';
import { createRandomController, randomOptionsSchema } from './controller.js';

export const plugin = definePlugin({
  name: '@ligature/controller-random',
  version: '0.1.0',
  controllers: {
    random: defineController({
      meta: {
        summary:
          'The control: random actions in every window, or one random map with a given number of blocks',
        reference:
          'Uniform actions leave H_L independent layers on average; uniform partitions by Stirling numbers',
        options: randomOptionsSchema,
      },
      create: createRandomController,
    }),
  },
});

export default plugin;
