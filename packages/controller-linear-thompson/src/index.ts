/** Thompson sampling over features of tie maps, and the plug-in that offers it as `linear-thompson`. */
export { candidateMaps } from './candidates.js';
export { createLinearThompson } from './controller.js';
export { featureTable, joinFeatures, SUMMARY, summaryFeatures } from './features.js';
export {
  linearThompsonOptionsSchema,
  type LinearThompsonOptions,
  type LinearThompsonOptionsInput,
} from './options.js';
export { plugin, plugin as default } from './plugin.js';
export { noEvidence, observed, posterior, type Evidence, type Posterior, type Prior } from './posterior.js';
