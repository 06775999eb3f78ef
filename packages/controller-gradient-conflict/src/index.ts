/** Merging by whose gradients agree, and the plug-in that offers it as `gradient-conflict`. */
export { createGradientConflict } from './controller.js';
export { exchange, meanWithin, type Exchange, type ExchangeRule } from './exchange.js';
export { MovingTable } from './moving-average.js';
export {
  gradientConflictOptionsSchema,
  type GradientConflictOptions,
  type GradientConflictOptionsInput,
} from './options.js';
export { plugin, plugin as default } from './plugin.js';
