/** What GPT-2 may be asked for, each as Hugging Face's model of that name has it. */
import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Head, Model } from '@ligature/core';
import { lastTokenHead } from '../last-token-head.js';
import { weightSpec } from '../specs.js';
import { assertTokenOutputs } from '../token-outputs.js';
import { headWeight, tokenHeadCost } from './cost.js';
import type { ResolvedGpt2Config } from './options.js';

export const gpt2Heads = (config: ResolvedGpt2Config): Model['heads'] => ({
  'causal-lm': (outputs) => causalHead(config, outputs),
  'sequence-classification': (outputs) => lastTokenHead(config.width, outputs, 'GPT-2'),
});

/** `GPT2LMHeadModel`: one output for each token; tied to their embedding it has no weight of its own. */
function causalHead(config: ResolvedGpt2Config, outputs: number): Head {
  assertTokenOutputs(outputs, config.vocabularySize);
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
