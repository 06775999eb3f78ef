/** Random tie maps: the control of every experiment, and the plug-in that offers it as `random`. */
export {
  createRandomController,
  randomOptionsSchema,
  type RandomOptions,
  type RandomOptionsInput,
} from './controller.js';
export { randomPartition, randomSweep, stirlingNumbers } from '@ligature/core';
export { plugin, plugin as default } from './plugin.js';
