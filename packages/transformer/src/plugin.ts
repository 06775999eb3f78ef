/** What this package offers to the plug-in host. */
import { defineModel, definePlugin } from '@ligature/core';
import { createGpt2 } from './gpt2/model.js';
import { gpt2OptionsSchema } from './options.js';

const gpt2 = defineModel({
  meta: {
    summary: 'GPT-2: pre-norm blocks, learned positions, GELU, head tied to the token embedding',
    options: gpt2OptionsSchema,
    reference: 'Radford et al. 2019, Language Models are Unsupervised Multitask Learners',
  },
  create: (options, { vocabularySize }) => createGpt2({ ...options, vocabularySize }),
});

export const plugin = definePlugin({
  name: '@ligature/transformer',
  version: '0.1.0',
  models: { gpt2 },
});
