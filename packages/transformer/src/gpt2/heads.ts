/** What GPT-2 may be asked for, each as Hugging Face's model of that name has it. */
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { InputError } from '@ligature/core';
import type { Head, Model } from '@ligature/core';
import type { ResolvedGpt2Config } from './options.js';
import { lastTokenHead } from '../last-token-head.js';
import { tiedHeadCost } from './cost.js';

export const gpt2Heads = (config: ResolvedGpt2Config): Model['heads'] => ({
  'causal-lm': (outputs) => causalHead(config, outputs),
  'sequence-classification': (outputs) => lastTokenHead(config.width, outputs, 'GPT-2'),
});

/** `GPT2LMHeadModel`: tied to the token embedding, so it has no weight of its own and one output for each token. */
function causalHead(config: ResolvedGpt2Config, outputs: number): Head {
  if (outputs !== config.vocabularySize) {
    throw new InputError('head-outputs-invalid', {
      asked: `Predict one of ${outputs} tokens`,
      found: `the head is tied to an embedding of ${config.vocabularySize} tokens`,
      todo: `Ask for ${config.vocabularySize} outputs, or make the model for a vocabulary of ${outputs}`,
    });
  }
  return {
    outputs,
    parameters: [],
    project: (view, { rows }) => ({
      features: rows,
      weight: view.global('transformer.wte.weight') as Tensor2D, // [vocabulary, width]
    }),
    cost: (shape) => tiedHeadCost(config, shape),
  };
}
