import { defineController, definePlugin } from '@ligature/core';
import { createQLearning } from './controller.js';
import { officialOptionsSchema, qLearningOptionsSchema } from './options.js';

const reference =
  'Hay & Wolf, Dynamic Layer Tying for Parameter-Efficient Transformers, ICLR 2024, arXiv 2401.12819';

export const plugin = definePlugin({
  name: '@ligature/controller-q-learning',
  version: '0.1.0',
  controllers: {
    'q-learning': defineController({
      meta: {
        summary: 'Learns which layers to tie: an epsilon-greedy Q-network over the state of the layers',
        reference,
        options: qLearningOptionsSchema,
        official: { preset: 'official' },
      },
      create: createQLearning,
    }),
    'q-learning-official': defineController({
      meta: {
        summary: "The same learner with the official code's definitions, whatever the sharing profile",
        reference: `${reference}; tamirdh/Dynamic-Layer-Tying f1f1529, dqn_trainer.py`,
        options: officialOptionsSchema,
      },
      // Its schema has filled in every option, so that nothing is left to the clean defaults.
      create: createQLearning,
    }),
  },
});

export default plugin;
