/** GPT-2 behind core's `Model` contract: a pure function over a parameter view. It owns no weight. */
import type { Model } from '@ligature/core';
import { registerMatMulGradient } from '@ligature/nn';
import { encoders } from '../encode.js';
import { resolveGpt2Config } from './options.js';
import type { Gpt2Config, ResolvedGpt2Config } from './options.js';
import { gpt2Cost } from './cost.js';
import { gpt2Decoder } from './decode.js';
import { gpt2Stack } from './forward.js';
import { gpt2Heads } from './heads.js';
import { gpt2Parameters } from './parameters.js';
import { publishedGpt2 } from './published.js';

/** A GPT-2 and the options it was built with. It has all that the contract leaves open. */
export type Gpt2Model = Model &
  Required<Pick<Model, 'context' | 'hidden' | 'decoder'>> & { readonly config: ResolvedGpt2Config };

/**
 * A GPT-2 stack: pre-norm blocks of attention and a 4x wide MLP, learned positions, biases everywhere. It reads the field
 * `inputs` [batch, time] int32 and, where it is there, `attention_mask` of the same shape (1 for a token, 0 for padding, which
 * nobody sees); sequences may be shorter than `context`.
 *
 * @throws InputError `model-options-invalid` or `heads-do-not-divide-width`.
 */
export function createGpt2(options: Gpt2Config): Gpt2Model {
  const config = Object.freeze(resolveGpt2Config(options));
  registerMatMulGradient();
  return {
    name: 'gpt2',
    config,
    layers: config.layers,
    width: config.width,
    context: config.context,
    stochastic: config.dropout > 0,
    parameters: gpt2Parameters(config),
    blockParameterName: (layer, name) => `transformer.h.${layer}.${name}`,
    fromPublished: (file) => publishedGpt2(config, file),
    heads: gpt2Heads(config),
    ...encoders(gpt2Stack(config)),
    decoder: (view, head) => gpt2Decoder(config, view, head),
    cost: (shape) => gpt2Cost(config, shape),
  };
}
