/** BERT behind core's `Model` contract: a pure function over a parameter view. It owns no weight. */
import type { Model } from '@ligature/core';
import { registerMatMulGradient } from '@ligature/nn';
import { encoders } from '../encode.js';
import { bertCost } from './cost.js';
import { bertDecoder } from './decode.js';
import { bertStack } from './forward.js';
import { bertHeads } from './heads.js';
import { resolveBertConfig } from './options.js';
import type { BertConfig, ResolvedBertConfig } from './options.js';
import { bertParameters } from './parameters.js';
import { publishedBert } from './published.js';

/** A BERT and the options it was built with; a causal one has a `decoder`. */
export type BertModel = Model &
  Required<Pick<Model, 'context' | 'hidden'>> & { readonly config: ResolvedBertConfig };

/**
 * A BERT stack (Devlin et al. 2019, arXiv 1810.04805): post-norm blocks of attention and an MLP, learned positions and
 * segments, biases everywhere. It reads the field `inputs` [batch, time] int32 and, where they are there, `attention_mask` (1 for
 * a token, 0 for padding) and `token_type_ids` of the same shape; sequences may be shorter than `context`.
 *
 * @throws InputError `model-options-invalid` or `heads-do-not-divide-width`.
 */
export function createBert(options: BertConfig): BertModel {
  const config = Object.freeze(resolveBertConfig(options));
  registerMatMulGradient();
  return {
    name: 'bert',
    config,
    layers: config.layers,
    width: config.width,
    context: config.context,
    stochastic: config.dropout > 0 || config.attentionDropout > 0,
    parameters: bertParameters(config),
    blockParameterName: (layer, name) => `bert.encoder.layer.${layer}.${name}`,
    fromPublished: (file) => publishedBert(config, file),
    heads: bertHeads(config),
    ...encoders(bertStack(config)),
    ...(config.decoder && { decoder: (view, head) => bertDecoder(config, view, head) }),
    cost: (shape) => bertCost(config, shape),
  };
}
