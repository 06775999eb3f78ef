/** What GPT-2 may be asked for, each as Hugging Face's model of that name has it. */
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { InputError } from '@ligature/core';
import type { Head, Model } from '@ligature/core';
import { lastTokenHead } from '../last-token-head.js';
import { weightSpec } from '../specs.js';
import { headWeight, tokenHeadCost } from './cost.js';
import type { ResolvedGpt2Config } from './options.js';

export const gpt2Heads = (config: ResolvedGpt2Config): Model['heads'] => ({
  'causal-lm': (outputs) => causalHead(config, outputs),
  'sequence-classification': (outputs) => lastTokenHead(config.width, outputs, 'GPT-2'),
});

/** `GPT2LMHeadModel`: one output for each token; tied to their embedding it has no weight of its own. */
function causalHead(config: ResolvedGpt2Config, outputs: number): Head {
  if (outputs !== config.vocabularySize) {
    throw new InputError('head-outputs-invalid', {
      asked: `Predict one of ${outputs} tokens`,
      found: `the vocabulary has ${config.vocabularySize} tokens`,
      todo: `Ask for ${config.vocabularySize} outputs, or make the model for a vocabulary of ${outputs}`,
    });
  }
  return {
    outputs,
    parameters: config.tiedHead
      ? []
      : [{ ...weightSpec(headWeight(config), [outputs, config.width]), rows: 'outputs' }],
    project: (view, { rows }) => ({
      features: rows,
      weight: view.global(headWeight(config)) as Tensor2D, // [vocabulary, width]
    }),
    cost: (shape) => tokenHeadCost(config, shape),
  };
}
