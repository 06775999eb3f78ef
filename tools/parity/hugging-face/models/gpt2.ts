import { createGpt2 } from '@ligature/transformer';
import { z } from 'zod';
import type { MakeModel } from '../models.js';
import { activation, only, readConfig, size } from './options.js';

const schema = z
  .looseObject({
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
    tie_word_embeddings: only(true),
  })
  .refine(({ n_inner: inner, n_embd: width }) => (inner ?? 4 * width) === 4 * width, {
    path: ['n_inner'],
    message: 'the MLP is 4 times as wide as the model',
  });

export const gpt2: MakeModel = (config) => {
  const options = readConfig(schema, config);
  return createGpt2({
    layers: options.n_layer,
    width: options.n_embd,
    heads: options.n_head,
    context: options.n_positions,
    vocabularySize: options.vocab_size,
    activation: options.activation_function,
    layerNormEpsilon: options.layer_norm_epsilon,
    dropout: 0,
  });
};
