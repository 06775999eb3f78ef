import { createGpt2 } from '@ligature/transformer';
import { z } from 'zod';
import type { MakeModel } from '../models.js';
import { activation, only, readConfig, size } from './options.js';

const schema = z.looseObject({
  n_layer: size,
  n_embd: size,
  n_head: size,
  n_positions: size,
  n_inner: size.nullish(),
  vocab_size: size,
  activation_function: activation,
  layer_norm_epsilon: z.number().positive(),
  scale_attn_weights: only(true),
  scale_attn_by_inverse_layer_idx: only(false),
  add_cross_attention: only(false),
  tie_word_embeddings: z.boolean().default(true),
});

export const gpt2: MakeModel = (config) => {
  const options = readConfig(schema, config);
  const inner = options.n_inner ?? undefined;
  return createGpt2({
    layers: options.n_layer,
    width: options.n_embd,
    heads: options.n_head,
    context: options.n_positions,
    vocabularySize: options.vocab_size,
    activation: options.activation_function,
    layerNormEpsilon: options.layer_norm_epsilon,
    ...(inner !== undefined && { intermediateSize: inner }),
    tiedHead: options.tie_word_embeddings,
    dropout: 0,
  });
};
