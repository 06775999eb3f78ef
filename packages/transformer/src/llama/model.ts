/** LLaMA behind core's `Model` contract: a pure function over a parameter view. It owns no weight. */
import type { Model } from '@ligature/core';
import { registerMatMulGradient } from '@ligature/nn';
import { encoders } from '../encode.js';
import { llamaCost } from './cost.js';
import { llamaDecoder } from './decode.js';
import { llamaStack } from './forward.js';
import { llamaHeads } from './heads.js';
import { resolveLlamaConfig } from './options.js';
import type { LlamaConfig, ResolvedLlamaConfig } from './options.js';
import { llamaParameters } from './parameters.js';
import { publishedLlama } from './published.js';

/** A LLaMA and the options it was built with. It has all that the contract leaves open. */
export type LlamaModel = Model &
  Required<Pick<Model, 'context' | 'hidden' | 'decoder'>> & { readonly config: ResolvedLlamaConfig };

/**
 * A LLaMA stack: pre-norm blocks of attention with rotary positions, heads of keys and values shared among heads of
 * queries, and a gated MLP; RMSNorm throughout. It reads the field `inputs` [batch, time] int32 and, where it is
 * there, `attention_mask` of the same shape (1 for a token, 0 for padding, which nobody sees); sequences may be shorter than
 * `context`. With biases of queries, keys and values it has the shapes of Qwen2.
 *
 * @throws InputError `model-options-invalid`, `heads-do-not-divide-width`, `heads-not-shared-evenly` or `head-size-odd`.
 */
export function createLlama(options: LlamaConfig): LlamaModel {
  const config = Object.freeze(resolveLlamaConfig(options));
  registerMatMulGradient();
  return {
    name: 'llama',
    config,
    layers: config.layers,
    width: config.width,
    context: config.context,
    stochastic: config.attentionDropout > 0,
    parameters: llamaParameters(config),
    blockParameterName: (layer, name) => `model.layers.${layer}.${name}`,
    fromPublished: (file) => publishedLlama(config, file),
    heads: llamaHeads(config),
    ...encoders(llamaStack(config)),
    decoder: (view, head) => llamaDecoder(config, view, head),
    cost: (shape) => llamaCost(config, shape),
  };
}
