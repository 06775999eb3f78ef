/**
 * ViT's parameters under their Hugging Face names and their initialization (`modeling_vit.py`): weights N(0, 0.02), norms 1
 * and 0, biases 0. The projection of patches is stored as the convolution that it also is.
 */
import type { ParameterSpec } from '@ligature/core';
import { biasSpec, inBlock, linearSpecs, normSpecs, weightSpec } from '../specs.js';
import { CLASS_TOKEN, PATCHES, POSITIONS } from './embeddings.js';
import { positionsOf } from './options.js';
import type { ResolvedVitConfig } from './options.js';

/** The norm before the head. */
export const FINAL_NORM = 'vit.layernorm';

/** Every parameter of the stack: the globals in the order of use, and the block's ones once. */
export function vitParameters(config: ResolvedVitConfig): ParameterSpec[] {
  const { width, channels, patchSize, intermediateSize, qkvBias } = config;
  return [
    weightSpec(CLASS_TOKEN, [1, 1, width]),
    weightSpec(POSITIONS, [1, positionsOf(config), width]),
    weightSpec(`${PATCHES}.weight`, [width, channels, patchSize, patchSize]),
    biasSpec(`${PATCHES}.bias`, width),
    ...inBlock('norms', normSpecs('layernorm_before', width)),
    ...inBlock('attention', [
      ...linearSpecs('attention.attention.query', width, width, qkvBias),
      ...linearSpecs('attention.attention.key', width, width, qkvBias),
      ...linearSpecs('attention.attention.value', width, width, qkvBias),
      ...linearSpecs('attention.output.dense', width, width),
    ]),
    ...inBlock('norms', normSpecs('layernorm_after', width)),
    ...inBlock('mlp', [
      ...linearSpecs('intermediate.dense', width, intermediateSize),
      ...linearSpecs('output.dense', intermediateSize, width),
    ]),
    ...normSpecs(FINAL_NORM, width),
  ];
}
