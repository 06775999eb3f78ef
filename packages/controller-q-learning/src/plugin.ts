import { defineController, definePlugin } from '@ligature/core';
import { createQLearning } from './controller.js';
import { qLearningOptionsSchema } from './options.js';

export const plugin = definePlugin({
  name: '@ligature/controller-q-learning',
  version: '0.1.0',
  controllers: {
    'q-learning': defineController({
      meta: {
        summary: 'Learns which layers to tie: an epsilon-greedy Q-network over the state of the layers',
        reference:
          'Hay & Wolf, Dynamic Layer Tying for Parameter-Efficient Transformers, ICLR 2024, arXiv 2401.12819',
        options: qLearningOptionsSchema,
      },
      create: createQLearning,
    }),
  },
});

export default plugin;
