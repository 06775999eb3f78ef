/**
 * LLaMA's parameters under their Hugging Face names (`modeling_llama.py`): matrices N(0, 0.02), gains 1, biases 0. Matrices
 * are [out, in], as in PyTorch's Linear.
 */
import type { Component, ParameterSpec } from '@ligature/core';
import { gainSpec, inBlock, linearSpecs, weightSpec } from '../specs.js';
import type { ResolvedLlamaConfig } from './options.js';

export const EMBEDDING = 'model.embed_tokens.weight';
export const FINAL_NORM = 'model.norm.weight';
export const HEAD = 'lm_head';

/** Every parameter but those of heads: the globals in the order of use, with the block's ones once. */
export function llamaParameters(config: ResolvedLlamaConfig): ParameterSpec[] {
  const { width, heads, keyValueHeads, headSize, intermediateSize, vocabularySize } = config;
  const { attentionBias, mlpBias } = config;
  const norm = (name: string): ParameterSpec[] => inBlock('norms', [gainSpec(`${name}.weight`, width)]);
  const matrix = (part: Component, name: string, from: number, to: number, bias: boolean): ParameterSpec[] =>
    inBlock(part, linearSpecs(name, from, to, bias));
  const [asked, shared] = [heads * headSize, keyValueHeads * headSize];
  const biased = attentionBias !== 'none';
  return [
    weightSpec(EMBEDDING, [vocabularySize, width]),
    ...norm('input_layernorm'),
    ...matrix('attention', 'self_attn.q_proj', width, asked, biased),
    ...matrix('attention', 'self_attn.k_proj', width, shared, biased),
    ...matrix('attention', 'self_attn.v_proj', width, shared, biased),
    ...matrix('attention', 'self_attn.o_proj', asked, width, attentionBias === 'all'),
    ...norm('post_attention_layernorm'),
    ...matrix('mlp', 'mlp.gate_proj', width, intermediateSize, mlpBias),
    ...matrix('mlp', 'mlp.up_proj', width, intermediateSize, mlpBias),
    ...matrix('mlp', 'mlp.down_proj', intermediateSize, width, mlpBias),
    gainSpec(FINAL_NORM, width),
  ];
}
