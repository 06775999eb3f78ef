import { defineController, definePlugin } from '@ligature/core';
import { createRandomController, randomOptionsSchema } from './controller.js';
import { createRandomMerging, randomMergingOptionsSchema } from './merging.js';

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
    'random-merging': defineController({
      meta: {
        summary:
          'The control of what merges: starts untied, and merges two random blocks whenever one is due',
        reference: "Kingman's coalescent, Stochastic Processes and their Applications 13, 1982",
        options: randomMergingOptionsSchema,
      },
      create: (options, context) => createRandomMerging(options, context, false),
    }),
    'random-adjacent-merging': defineController({
      meta: {
        summary:
          'The control of what merges neighbours: starts untied, and merges two random blocks that touch',
        reference: 'Ends with every contiguous map of as many blocks equally often, 1 / C(L - 1, k - 1)',
        options: randomMergingOptionsSchema,
      },
      create: (options, context) => createRandomMerging(options, context, true),
    }),
  },
});

export default plugin;
