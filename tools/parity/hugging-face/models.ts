/** Models by `model_type`. Another architecture is one more file beside these and one more entry. */
import type { Model } from '@ligature/core';
import type { HfConfig } from './case.js';
import { bert } from './models/bert.js';
import { gpt2 } from './models/gpt2.js';
import { llama } from './models/llama.js';
import { vit } from './models/vit.js';

/** Without dropout. @throws for a configuration that the model cannot have */
export type MakeModel = (config: HfConfig) => Model;

const MODELS: Readonly<Record<string, MakeModel>> = { bert, gpt2, llama, mistral: llama, qwen2: llama, vit };

/** @throws Error for a type that is none of these */
export function modelOfConfig(config: HfConfig): Model {
  const type = config.model_type;
  if (!Object.hasOwn(MODELS, type)) {
    throw new Error(`there is no model of the type "${type}", only ${Object.keys(MODELS).join(', ')}`);
  }
  return MODELS[type]!(config);
}
