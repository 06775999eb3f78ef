import { defineController, definePlugin } from '@ligature/core';
import { createHalving } from './controller.js';
import { halvingOptionsSchema } from './options.js';

export const plugin = definePlugin({
  name: '@ligature/controller-halving',
  version: '0.1.0',
  controllers: {
    halving: defineController({
      meta: {
        summary: 'Successive halving over tie maps: tries many for a little, and the better half for longer',
        reference: 'Karnin, Koren & Somekh 2013, ICML; Jamieson & Talwalkar 2016, arXiv 1502.07943',
        options: halvingOptionsSchema,
      },
      create: createHalving,
    }),
  },
});

export default plugin;
