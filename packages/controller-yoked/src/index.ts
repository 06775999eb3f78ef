/** Any learner, fed with permuted rewards, and the plug-in that offers it as `yoked`. */
export { createYoked, yokedOptionsSchema, type YokedOptions } from './yoked.js';
export { plugin, plugin as default } from './plugin.js';
