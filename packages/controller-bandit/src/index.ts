/** Bandits over the layers of a stack, and the plug-in that offers them as `bandit`. */
export { upperBound } from './arms.js';
export { createBandit } from './controller.js';
export { banditOptionsSchema, type BanditOptions, type BanditOptionsInput } from './options.js';
export { plugin, plugin as default } from './plugin.js';
