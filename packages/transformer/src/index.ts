export { createGpt2 } from './gpt2/model.js';
export type { Gpt2Model } from './gpt2/model.js';
export { gpt2ConfigSchema, gpt2OptionsSchema } from './options.js';
export type { Gpt2Config, Gpt2Options, ResolvedGpt2Config } from './options.js';
export { plugin, plugin as default } from './plugin.js';
