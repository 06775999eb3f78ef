import { defineDataset, definePlugin } from '@ligature/core';
import { createHubDataset } from './dataset.js';
import { hubOptionsSchema } from './options.js';

export const plugin = definePlugin({
  name: '@ligature/hub',
  version: '0.1.0',
  datasets: {
    hub: defineDataset({
      meta: {
        summary: 'A dataset of the Hugging Face Hub, as --dataset hf:owner/name/config@revision names it',
        options: hubOptionsSchema,
        reference: 'https://huggingface.co/docs/hub/datasets',
      },
      create: (options, context) => createHubDataset(options, context),
    }),
  },
});

export default plugin;
