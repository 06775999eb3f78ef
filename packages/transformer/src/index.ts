export { createGpt2 } from './gpt2/model.js';
export type { Gpt2Model } from './gpt2/model.js';
export { gpt2ConfigSchema, gpt2OptionsSchema } from './gpt2/options.js';
export type { Gpt2Config, Gpt2Options, ResolvedGpt2Config } from './gpt2/options.js';
export { createLlama } from './llama/model.js';
export type { LlamaModel } from './llama/model.js';
export { llamaConfigSchema, llamaOptionsSchema } from './llama/options.js';
export type { LlamaConfig, LlamaOptions, ResolvedLlamaConfig } from './llama/options.js';
export { plugin, plugin as default } from './plugin.js';
