/** What GPT-2 may be asked for, each as Hugging Face's model of that name has it. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { InputError } from '@ligature/core';
import type { Head, Model, States, TensorBatch } from '@ligature/core';
import { takeRows } from '@ligature/nn';
import type { ResolvedGpt2Config } from '../options.js';
import { scoreHeadCost, tiedHeadCost } from './cost.js';

export const gpt2Heads = (config: ResolvedGpt2Config): Model['heads'] => ({
  'causal-lm': (outputs) => causalHead(config, outputs),
  'sequence-classification': (outputs) => classificationHead(config, outputs),
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

/** `GPT2ForSequenceClassification`: reads the last token of each sequence, the only one that has seen all of it. */
function classificationHead(config: ResolvedGpt2Config, outputs: number): Head {
  return {
    outputs,
    parameters: [
      {
        name: 'score.weight',
        shape: [outputs, config.width],
        initializer: { kind: 'normal', standardDeviation: 0.02 },
        sharing: 'global',
      },
    ],
    project: (view, states, batch) => ({
      features: tf.tidy(() => takeRows(states.rows, lastPlaces(states, batch))),
      weight: view.global('score.weight') as Tensor2D, // [outputs, width]
    }),
    cost: (shape) => scoreHeadCost(config, outputs, shape),
  };
}

/**
 * Where the last token of each sequence stands in the rows, [batch] int32: by the field `lengths` [batch] int32, else by
 * `attention_mask` [batch, time] int32 (1 for a token); without either nothing is padding. Padding stands behind the text.
 */
function lastPlaces({ batch, time }: States, fields: TensorBatch): Tensor1D {
  const lengths = fields['lengths'] ?? (fields['attention_mask'] && tf.sum(fields['attention_mask'], 1));
  if (!lengths) return tf.range(time - 1, batch * time, time, 'int32');
  return tf.add(tf.range(-1, batch * time - 1, time, 'int32'), lengths);
}
