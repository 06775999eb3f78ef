/** What this package offers to the plug-in host. */
import { definePlugin } from '@ligature/core';
import { optimizers } from './optimizers/index.js';

export const plugin = definePlugin({ name: '@ligature/trainer', version: '0.1.0', optimizers });
