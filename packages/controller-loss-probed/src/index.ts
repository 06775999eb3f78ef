/** Merging by what it costs, and the plug-in that offers it as `loss-probed`. */
export { cheapestMerges } from './cheapest-merges.js';
export { createLossProbed } from './controller.js';
export { lossProbedOptionsSchema, type LossProbedOptions, type LossProbedOptionsInput } from './options.js';
export { plugin, plugin as default } from './plugin.js';
