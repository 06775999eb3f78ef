import { defineController, definePlugin } from '@ligature/core';
import { createGradientConflict } from './controller.js';
import { gradientConflictOptionsSchema } from './options.js';

export const plugin = definePlugin({
  name: '@ligature/controller-gradient-conflict',
  version: '0.1.0',
  controllers: {
    'gradient-conflict': defineController({
      meta: {
        summary: 'Merges neighbours whose gradients agree, and splits a block whose uses disagree',
        options: gradientConflictOptionsSchema,
      },
      create: createGradientConflict,
    }),
  },
});

export default plugin;
