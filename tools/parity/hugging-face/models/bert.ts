import { createBert } from '@ligature/transformer';
import { z } from 'zod';
import type { MakeModel } from '../models.js';
import { activation, only, readConfig, size } from './options.js';

const schema = z.looseObject({
  num_hidden_layers: size,
  hidden_size: size,
  num_attention_heads: size,
  intermediate_size: size,
  max_position_embeddings: size,
  type_vocab_size: size,
  vocab_size: size,
  hidden_act: activation,
  layer_norm_eps: z.number().positive(),
  pad_token_id: z.int().nullish(),
  is_decoder: z.boolean().default(false),
  add_cross_attention: only(false),
  position_embedding_type: only('absolute'),
  tie_word_embeddings: z.boolean().default(true),
});

export const bert: MakeModel = (config) => {
  const options = readConfig(schema, config);
  const padding = options.pad_token_id ?? undefined;
  return createBert({
    layers: options.num_hidden_layers,
    width: options.hidden_size,
    heads: options.num_attention_heads,
    intermediateSize: options.intermediate_size,
    context: options.max_position_embeddings,
    typeVocabularySize: options.type_vocab_size,
    vocabularySize: options.vocab_size,
    activation: options.hidden_act,
    layerNormEpsilon: options.layer_norm_eps,
    decoder: options.is_decoder,
    dropout: 0,
    tiedHead: options.tie_word_embeddings,
    ...(padding !== undefined && { paddingToken: padding }),
  });
};
