import { defineController, definePlugin } from '@ligature/core';
import { createSimilarity } from './controller.js';
import { similarityOptionsSchema } from './options.js';

export const plugin = definePlugin({
  name: '@ligature/controller-similarity',
  version: '0.1.0',
  controllers: {
    similarity: defineController({
      meta: {
        summary: 'Merges the two blocks that are most alike, every few windows, until few are left',
        reference:
          'Linear CKA: Kornblith et al. 2019, arXiv:1905.00414; average linkage: Sokal & Michener 1958',
        options: similarityOptionsSchema,
      },
      create: createSimilarity,
    }),
  },
});

export default plugin;
