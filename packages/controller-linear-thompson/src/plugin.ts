import { defineController, definePlugin } from '@ligature/core';
import { createLinearThompson } from './controller.js';
import { linearThompsonOptionsSchema } from './options.js';

export const plugin = definePlugin({
  name: '@ligature/controller-linear-thompson',
  version: '0.1.0',
  controllers: {
    'linear-thompson': defineController({
      meta: {
        summary: 'Thompson sampling over features of tie maps, by Bayesian linear regression',
        reference:
          'Agrawal & Goyal 2013, ICML, arXiv 1209.3352; Russo et al. 2018, A Tutorial on Thompson Sampling, arXiv 1707.02038',
        options: linearThompsonOptionsSchema,
      },
      create: createLinearThompson,
    }),
  },
});

export default plugin;
