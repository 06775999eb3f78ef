import { defineAdapter, definePlugin } from '@ligature/core';
import { createLora } from './lora/adapter.js';
import { loraOptionsSchema } from './lora/options.js';

export const plugin = definePlugin({
  name: '@ligature/adapters',
  version: '0.1.0',
  adapters: {
    lora: defineAdapter({
      meta: {
        summary: 'Low-rank differences of its own for every layer, on blocks that may be tied',
        reference: 'Hu et al. 2021, arXiv:2106.09685; on tied layers: Bae et al. 2024, arXiv:2410.20672',
        options: loraOptionsSchema,
      },
      create: createLora,
    }),
  },
});

export default plugin;
