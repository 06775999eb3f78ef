/**
 * GPT-2's parameters under their Hugging Face names and their initialization (Radford et al. 2019, section 2.3;
 * `modeling_gpt2.py`): weights N(0, 0.02), the two projections onto the residual stream N(0, 0.02 / sqrt(2L)),
 * norms 1 and 0, biases 0. Matrices are [in, out], as in Hugging Face's Conv1D. The head is tied to `wte`, or has a weight of its own.
 */
import type { Component, Initializer, ParameterSpec } from '@ligature/core';
import type { ResolvedGpt2Config } from './options.js';

const STANDARD_DEVIATION = 0.02;
const zeros: Initializer = { kind: 'constant', value: 0 };
const ones: Initializer = { kind: 'constant', value: 1 };
const normal = (standardDeviation: number): Initializer => ({ kind: 'normal', standardDeviation });

/** Every parameter: the globals in the order of use, with the block's ones once. */
export function gpt2Parameters(config: ResolvedGpt2Config): ParameterSpec[] {
  const { layers, width, context, vocabularySize, intermediateSize } = config;
  const weight = normal(STANDARD_DEVIATION);
  const residual = normal(STANDARD_DEVIATION / Math.sqrt(2 * layers));
  const global = (name: string, shape: number[], initializer: Initializer): ParameterSpec => ({
    name: `transformer.${name}`,
    shape,
    initializer,
    sharing: 'global',
  });
  const block = (
    component: Component,
    name: string,
    shape: number[],
    initializer: Initializer,
  ): ParameterSpec => ({ name, shape, initializer, sharing: 'block', component });
  return [
    global('wte.weight', [vocabularySize, width], weight),
    global('wpe.weight', [context, width], weight),
    block('norms', 'ln_1.weight', [width], ones),
    block('norms', 'ln_1.bias', [width], zeros),
    block('attention', 'attn.c_attn.weight', [width, 3 * width], weight),
    block('attention', 'attn.c_attn.bias', [3 * width], zeros),
    block('attention', 'attn.c_proj.weight', [width, width], residual),
    block('attention', 'attn.c_proj.bias', [width], zeros),
    block('norms', 'ln_2.weight', [width], ones),
    block('norms', 'ln_2.bias', [width], zeros),
    block('mlp', 'mlp.c_fc.weight', [width, intermediateSize], weight),
    block('mlp', 'mlp.c_fc.bias', [intermediateSize], zeros),
    block('mlp', 'mlp.c_proj.weight', [intermediateSize, width], residual),
    block('mlp', 'mlp.c_proj.bias', [width], zeros),
    global('ln_f.weight', [width], ones),
    global('ln_f.bias', [width], zeros),
  ];
}
