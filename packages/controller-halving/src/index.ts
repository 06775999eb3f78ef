/** Successive halving over tie maps, and the plug-in that offers it as `halving`. */
export { drawCandidates } from './candidates.js';
export { createHalving } from './controller.js';
export { halvingOptionsSchema, type HalvingOptions, type HalvingOptionsInput } from './options.js';
export { plugin, plugin as default } from './plugin.js';
