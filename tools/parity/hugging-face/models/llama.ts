import { createLlama } from '@ligature/transformer';
import { z } from 'zod';
import type { MakeModel } from '../models.js';
import { only, readConfig, size } from './options.js';

const scaling = z.discriminatedUnion('rope_type', [
  z.looseObject({ rope_type: z.literal('default') }),
  z.looseObject({ rope_type: z.literal('linear'), factor: z.number().positive() }),
  z.looseObject({
    rope_type: z.literal('llama3'),
    factor: z.number().positive(),
    low_freq_factor: z.number().positive(),
    high_freq_factor: z.number().positive(),
    original_max_position_embeddings: size,
  }),
]);
type Scaling = z.output<typeof scaling>;

const theta = z.number().positive();

const schema = z.looseObject({
  num_hidden_layers: size,
  hidden_size: size,
  intermediate_size: size,
  num_attention_heads: size,
  num_key_value_heads: size.nullish(),
  head_dim: size.nullish(),
  max_position_embeddings: size,
  vocab_size: size,
  hidden_act: z.literal('silu'),
  rms_norm_eps: z.number().positive(),
  attention_bias: z.boolean().optional(),
  mlp_bias: z.boolean().optional(),
  tie_word_embeddings: z.boolean().default(false),
  pretraining_tp: only(1),
  use_sliding_window: only(false),
  sliding_window: z.null().optional(),
  /** Since version 5 base and scaling are one; before they were two. */
  rope_parameters: z.intersection(scaling, z.looseObject({ rope_theta: theta })).optional(),
  rope_theta: theta.optional(),
  rope_scaling: scaling.nullish(),
});

/** Qwen2's queries, keys and values have biases whatever its configuration says. */
const ATTENTION_BIASES: Readonly<Record<string, 'queries-keys-values'>> = { qwen2: 'queries-keys-values' };

export const llama: MakeModel = (config) => {
  const options = readConfig(schema, config);
  const rope = options.rope_parameters ?? options.rope_scaling ?? { rope_type: 'default' };
  return createLlama({
    layers: options.num_hidden_layers,
    width: options.hidden_size,
    intermediateSize: options.intermediate_size,
    heads: options.num_attention_heads,
    keyValueHeads: options.num_key_value_heads ?? null,
    headSize: options.head_dim ?? null,
    context: options.max_position_embeddings,
    vocabularySize: options.vocab_size,
    normEpsilon: options.rms_norm_eps,
    attentionBias: ATTENTION_BIASES[config.model_type] ?? (options.attention_bias ? 'all' : 'none'),
    mlpBias: options.mlp_bias ?? false,
    tiedHead: options.tie_word_embeddings,
    ropeTheta: options.rope_parameters?.rope_theta ?? options.rope_theta ?? 10_000,
    ropeScaling: ropeScaling(rope),
    attentionDropout: 0,
  });
};

function ropeScaling(rope: Scaling): Parameters<typeof createLlama>[0]['ropeScaling'] {
  switch (rope.rope_type) {
    case 'default':
      return null;
    case 'linear':
      return { type: 'linear', factor: rope.factor };
    case 'llama3':
      return {
        type: 'llama3',
        factor: rope.factor,
        lowFrequencyFactor: rope.low_freq_factor,
        highFrequencyFactor: rope.high_freq_factor,
        originalContext: rope.original_max_position_embeddings,
      };
  }
}
