/**
 * BERT's parameters under their Hugging Face names and their initialization (Devlin et al. 2019; `modeling_bert.py`):
 * weights N(0, 0.02), norms 1 and 0, biases 0. Matrices are [out, in], as in PyTorch's Linear.
 */
import type { Component, Initializer, ParameterSpec } from '@ligature/core';
import type { ResolvedBertConfig } from './options.js';

const weight: Initializer = { kind: 'normal', standardDeviation: 0.02 };
const zeros: Initializer = { kind: 'constant', value: 0 };
const ones: Initializer = { kind: 'constant', value: 1 };

/** Every parameter of the stack: the globals in the order of use, and the block's ones once. */
export function bertParameters(config: ResolvedBertConfig): ParameterSpec[] {
  const { width, context, vocabularySize, typeVocabularySize, intermediateSize } = config;
  const table = (name: string, rows: number): ParameterSpec => ({
    name: `bert.embeddings.${name}.weight`,
    shape: [rows, width],
    initializer: weight,
    sharing: 'global',
  });
  return [
    table('word_embeddings', vocabularySize),
    table('position_embeddings', context),
    table('token_type_embeddings', typeVocabularySize),
    ...globalNorm('bert.embeddings.LayerNorm', width),
    ...blockLinear('attention', 'attention.self.query', width, width),
    ...blockLinear('attention', 'attention.self.key', width, width),
    ...blockLinear('attention', 'attention.self.value', width, width),
    ...blockLinear('attention', 'attention.output.dense', width, width),
    ...blockNorm('attention.output.LayerNorm', width),
    ...blockLinear('mlp', 'intermediate.dense', width, intermediateSize),
    ...blockLinear('mlp', 'output.dense', intermediateSize, width),
    ...blockNorm('output.LayerNorm', width),
  ];
}

/** A product with a bias, of a head. */
export const globalLinear = (name: string, from: number, to: number): ParameterSpec[] => [
  {
    ...{ name: `${name}.weight`, shape: [to, from], rows: 'outputs', initializer: weight, sharing: 'global' },
  },
  vector(`${name}.bias`, to, zeros),
];

export const globalNorm = (name: string, width: number): ParameterSpec[] => [
  vector(`${name}.weight`, width, ones),
  vector(`${name}.bias`, width, zeros),
];

/** A bias of a head, as BERT starts it. */
export const globalBias = (name: string, length: number): ParameterSpec => vector(name, length, zeros);

const vector = (name: string, length: number, initializer: Initializer): ParameterSpec => ({
  ...{ name, shape: [length], initializer, sharing: 'global' },
});

const inBlock = (specs: ParameterSpec[], component: Component): ParameterSpec[] =>
  specs.map((spec) => ({ ...spec, sharing: 'block', component }));

const blockLinear = (component: Component, name: string, from: number, to: number): ParameterSpec[] =>
  inBlock(globalLinear(name, from, to), component);

const blockNorm = (name: string, width: number): ParameterSpec[] => inBlock(globalNorm(name, width), 'norms');
