/** What this package offers to the plug-in host. */
import { definePlugin } from '@ligature/core';
import { storedWeights, weightsOfRun } from './weights-of-run.js';

export const plugin = definePlugin({
  name: '@ligature/run',
  version: '0.1.0',
  weights: { run: weightsOfRun, stored: storedWeights },
});
