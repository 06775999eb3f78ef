/** What LLaMA may be asked for, each as Hugging Face's model of that name has it. */
import type { Head, Model } from '@ligature/core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { lastTokenHead } from '../last-token-head.js';
import { linearSpecs } from '../specs.js';
import { assertTokenOutputs } from '../token-outputs.js';
import { causalHeadCost } from './cost.js';
import type { ResolvedLlamaConfig } from './options.js';
import { EMBEDDING, HEAD } from './parameters.js';

export const llamaHeads = (config: ResolvedLlamaConfig): Model['heads'] => ({
  'causal-lm': (outputs) => causalHead(config, outputs),
  'sequence-classification': (outputs) => lastTokenHead(config.width, outputs, 'LLaMA'),
});

/** `LlamaForCausalLM`: a matrix of its own, or that of the token embedding; one output for each token. */
function causalHead(config: ResolvedLlamaConfig, outputs: number): Head {
  const { tiedHead, vocabularySize, width } = config;
  assertTokenOutputs(outputs, vocabularySize);
  const name = tiedHead ? EMBEDDING : `${HEAD}.weight`;
  return {
    outputs,
    parameters: tiedHead ? [] : linearSpecs(HEAD, width, outputs, false),
    project: (view, { rows }) => ({
      features: rows,
      weight: view.global(name) as Tensor2D, // [vocabulary, width]
    }),
    cost: (shape) => causalHeadCost(config, name, shape),
  };
}
