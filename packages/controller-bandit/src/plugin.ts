import { defineController, definePlugin } from '@ligature/core';
import { createBandit } from './controller.js';
import { banditOptionsSchema } from './options.js';

export const plugin = definePlugin({
  name: '@ligature/controller-bandit',
  version: '0.1.0',
  controllers: {
    bandit: defineController({
      meta: {
        summary:
          'Chooses for each layer whether and with what to share, as a bandit: UCB or Thompson sampling',
        reference:
          'Auer et al. 2002 (UCB1); Garivier & Moulines 2011, arXiv 0805.3415; Agrawal & Goyal 2013, arXiv 1209.3353',
        options: banditOptionsSchema,
      },
      create: createBandit,
    }),
  },
});

export default plugin;
