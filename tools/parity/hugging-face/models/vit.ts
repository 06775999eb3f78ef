import { createVit } from '@ligature/transformer';
import { z } from 'zod';
import type { MakeModel } from '../models.js';
import { activation, readConfig, size } from './options.js';

/** `transformers` takes a number, or height and width. */
const square = z.union([
  size,
  z
    .tuple([size, size])
    .refine(([height, width]) => height === width, 'images and patches are square')
    .transform(([height]) => height),
]);

const schema = z.looseObject({
  num_hidden_layers: size,
  hidden_size: size,
  num_attention_heads: size,
  intermediate_size: size,
  image_size: square,
  patch_size: square,
  num_channels: size,
  hidden_act: activation,
  layer_norm_eps: z.number().positive(),
  qkv_bias: z.boolean().default(true),
});

export const vit: MakeModel = (config) => {
  const options = readConfig(schema, config);
  return createVit({
    layers: options.num_hidden_layers,
    width: options.hidden_size,
    heads: options.num_attention_heads,
    intermediateSize: options.intermediate_size,
    imageSize: options.image_size,
    patchSize: options.patch_size,
    channels: options.num_channels,
    activation: options.hidden_act,
    layerNormEpsilon: options.layer_norm_eps,
    qkvBias: options.qkv_bias,
    dropout: 0,
  });
};
