/** ViT behind core's `Model` contract: a pure function over a parameter view. It owns no weight. */
import type { Model } from '@ligature/core';
import { registerMatMulGradient } from '@ligature/nn';
import { encoders } from '../encode.js';
import { vitCost } from './cost.js';
import { vitStack } from './forward.js';
import { vitHeads } from './heads.js';
import { resolveVitConfig } from './options.js';
import type { ResolvedVitConfig, VitConfig } from './options.js';
import { vitParameters } from './parameters.js';
import { publishedVit } from './published.js';

/** A ViT and the options it was built with. */
export type VitModel = Model & Required<Pick<Model, 'hidden'>> & { readonly config: ResolvedVitConfig };

/**
 * A ViT stack (Dosovitskiy et al. 2021, arXiv 2010.11929): square images cut into square patches, a class token before them,
 * learned positions, pre-norm blocks that see everything. It reads the field `pixel_values` [batch, channels, imageSize,
 * imageSize] float32.
 *
 * @throws InputError `model-options-invalid`, `heads-do-not-divide-width` or `patches-do-not-divide-image`.
 */
export function createVit(options: VitConfig): VitModel {
  const config = Object.freeze(resolveVitConfig(options));
  registerMatMulGradient();
  return {
    name: 'vit',
    config,
    layers: config.layers,
    width: config.width,
    stochastic: config.dropout > 0 || config.attentionDropout > 0,
    parameters: vitParameters(config),
    blockParameterName: (layer, name) => `vit.encoder.layer.${layer}.${name}`,
    fromPublished: publishedVit,
    heads: vitHeads(config),
    ...encoders(vitStack(config)),
    cost: (shape) => vitCost(config, shape),
  };
}
