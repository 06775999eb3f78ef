/** What wraps a model's weights: LoRA, and the plug-in that offers it as `lora`. */
export { createLora } from './lora/adapter.js';
export { mergeLora, type MergeOptions, type NamedWeights } from './lora/merge.js';
export { loraOptionsSchema, type LoraOptions, type LoraOptionsInput } from './lora/options.js';
export { plugin, plugin as default } from './plugin.js';
