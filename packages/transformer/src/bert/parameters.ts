/**
 * BERT's parameters under their Hugging Face names and their initialization (Devlin et al. 2019; `modeling_bert.py`):
 * weights N(0, 0.02), norms 1 and 0, biases 0.
 */
import type { ParameterSpec } from '@ligature/core';
import { inBlock, linearSpecs, normSpecs, weightSpec } from '../specs.js';
import { NORM, POSITIONS, TYPES, WORDS } from './embeddings.js';
import type { ResolvedBertConfig } from './options.js';

/** Every parameter of the stack: the globals in the order of use, and the block's ones once. */
export function bertParameters(config: ResolvedBertConfig): ParameterSpec[] {
  const { width, context, vocabularySize, typeVocabularySize, intermediateSize } = config;
  return [
    weightSpec(WORDS, [vocabularySize, width]),
    weightSpec(POSITIONS, [context, width]),
    weightSpec(TYPES, [typeVocabularySize, width]),
    ...normSpecs(NORM, width),
    ...inBlock('attention', [
      ...linearSpecs('attention.self.query', width, width),
      ...linearSpecs('attention.self.key', width, width),
      ...linearSpecs('attention.self.value', width, width),
      ...linearSpecs('attention.output.dense', width, width),
    ]),
    ...inBlock('norms', normSpecs('attention.output.LayerNorm', width)),
    ...inBlock('mlp', [
      ...linearSpecs('intermediate.dense', width, intermediateSize),
      ...linearSpecs('output.dense', intermediateSize, width),
    ]),
    ...inBlock('norms', normSpecs('output.LayerNorm', width)),
  ];
}
