/**
 * LLaMA's parameters under their Hugging Face names (`modeling_llama.py`): matrices N(0, 0.02), gains 1, biases 0. Matrices
 * are [out, in], as in PyTorch's Linear.
 */
import type { Component, Initializer, ParameterSpec } from '@ligature/core';
import type { ResolvedLlamaConfig } from './options.js';

const zeros: Initializer = { kind: 'constant', value: 0 };
const ones: Initializer = { kind: 'constant', value: 1 };
const normal: Initializer = { kind: 'normal', standardDeviation: 0.02 };

export const EMBEDDING = 'model.embed_tokens.weight';
export const FINAL_NORM = 'model.norm.weight';
export const HEAD = 'lm_head.weight';

/** Every parameter but those of heads: the globals in the order of use, with the block's ones once. */
export function llamaParameters(config: ResolvedLlamaConfig): ParameterSpec[] {
  const { width, heads, keyValueHeads, headSize, intermediateSize, vocabularySize } = config;
  const { attentionBias, mlpBias } = config;
  const global = (name: string, shape: number[], initializer: Initializer): ParameterSpec => ({
    ...{ name, shape, initializer, sharing: 'global' },
  });
  const gain = (name: string): ParameterSpec => ({
    ...{ name, shape: [width], initializer: ones, sharing: 'block', component: 'norms' },
  });
  const matrix = (
    component: Component,
    name: string,
    outputs: number,
    inputs: number,
    biased: boolean,
  ): ParameterSpec[] => {
    const own = { sharing: 'block', component } as const;
    const weight = { name: `${name}.weight`, shape: [outputs, inputs], rows: 'outputs' } as const;
    return [
      { ...weight, initializer: normal, ...own },
      ...(biased ? [{ name: `${name}.bias`, shape: [outputs], initializer: zeros, ...own }] : []),
    ];
  };
  const [asked, shared] = [heads * headSize, keyValueHeads * headSize];
  const biased = attentionBias !== 'none';
  return [
    global(EMBEDDING, [vocabularySize, width], normal),
    gain('input_layernorm.weight'),
    ...matrix('attention', 'self_attn.q_proj', asked, width, biased),
    ...matrix('attention', 'self_attn.k_proj', shared, width, biased),
    ...matrix('attention', 'self_attn.v_proj', shared, width, biased),
    ...matrix('attention', 'self_attn.o_proj', width, asked, attentionBias === 'all'),
    gain('post_attention_layernorm.weight'),
    ...matrix('mlp', 'mlp.gate_proj', intermediateSize, width, mlpBias),
    ...matrix('mlp', 'mlp.up_proj', intermediateSize, width, mlpBias),
    ...matrix('mlp', 'mlp.down_proj', width, intermediateSize, mlpBias),
    global(FINAL_NORM, [width], ones),
  ];
}
