/** Random tie maps and random merges: the controls of every experiment, and the plug-in that offers them. */
export {
  createRandomController,
  randomOptionsSchema,
  type RandomOptions,
  type RandomOptionsInput,
} from './controller.js';
export {
  createRandomMerging,
  randomMergingOptionsSchema,
  type RandomMergingOptions,
  type RandomMergingOptionsInput,
} from './merging.js';
export { randomContiguous, randomPartition, randomSweep, stirlingNumbers } from '@ligature/core';
export { plugin, plugin as default } from './plugin.js';
