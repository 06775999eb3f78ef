/** What BERT may be asked for, each as Hugging Face's model of that name has it. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { InputError } from '@ligature/core';
import type { Head, Model, ParameterView } from '@ligature/core';
import { dropoutOf, gelu, takeRows, withGradient } from '@ligature/nn';
import { dropoutFor } from '../mode.js';
import { affine, norm } from '../named.js';
import { biasSpec, linearSpecs, normSpecs } from '../specs.js';
import { assertTokenOutputs } from '../token-outputs.js';
import { classifierCost, headWeight, languageHeadCost, spanHeadCost } from './cost.js';
import type { LanguageKind } from './cost.js';
import type { ResolvedBertConfig } from './options.js';

const TRANSFORM = 'cls.predictions.transform';
const BIAS = 'cls.predictions.bias';
const DECODER = 'cls.predictions.decoder';
const POOLER = 'bert.pooler.dense';

/**
 * A position that sees those behind it would only copy its answer, so a stack is for predicting the next token or for
 * everything else.
 */
export const bertHeads = (config: ResolvedBertConfig): Model['heads'] =>
  config.decoder
    ? { 'causal-lm': (outputs) => languageHead(config, 'causal-lm', outputs) }
    : {
        'masked-lm': (outputs) => languageHead(config, 'masked-lm', outputs),
        'sequence-classification': (outputs) => classificationHead(config, outputs),
        'token-span': (outputs) => spanHead(config, outputs),
      };

/**
 * `BertForMaskedLM` and `BertLMHeadModel`: a layer of its own, then the word embedding again, or a weight of its own, with a
 * bias; one output for each token.
 */
function languageHead(config: ResolvedBertConfig, kind: LanguageKind, outputs: number): Head {
  assertTokenOutputs(outputs, config.vocabularySize);
  return {
    outputs,
    parameters: [
      ...linearSpecs(`${TRANSFORM}.dense`, config.width, config.width),
      ...normSpecs(`${TRANSFORM}.LayerNorm`, config.width),
      ...(config.tiedHead ? [biasSpec(BIAS, outputs)] : linearSpecs(DECODER, config.width, outputs)),
    ],
    project: (view, { rows }) => ({
      features: tf.tidy(() => {
        const weight = globals(view);
        const activated = gelu(affine(rows, weight, `${TRANSFORM}.dense`), config.activation);
        return norm(activated, weight, `${TRANSFORM}.LayerNorm`, config.layerNormEpsilon);
      }),
      weight: view.global(headWeight(config)) as Tensor2D, // [vocabulary, width]
      bias: view.global(config.tiedHead ? BIAS : `${DECODER}.bias`) as Tensor1D,
    }),
    cost: (shape) => languageHeadCost(config, kind, shape),
  };
}

/**
 * `BertForSequenceClassification`: reads the first token of each sequence, which is there for that, through the pooler. A
 * regression is one output.
 */
function classificationHead(config: ResolvedBertConfig, outputs: number): Head {
  return {
    outputs,
    stochastic: config.dropout > 0,
    parameters: [
      ...linearSpecs(POOLER, config.width, config.width),
      ...linearSpecs('classifier', config.width, outputs),
    ],
    project: (view, { rows, batch, time }, _, mode) => ({
      features: tf.tidy(() => {
        const first = takeRows(rows, tf.range(0, batch * time, time, 'int32'));
        const pooled = tanh(affine(first, globals(view), POOLER)); // [batch, width]
        return dropoutOf(pooled, dropoutFor(config.dropout, mode));
      }),
      weight: view.global('classifier.weight') as Tensor2D, // [outputs, width]
      bias: view.global('classifier.bias') as Tensor1D,
    }),
    cost: (shape) => classifierCost(config, outputs, shape),
  };
}

/**
 * `BertForQuestionAnswering`: two outputs for each position, whether an answer starts there and whether it ends there. So
 * features are [batch * time, width], and the softmax of a loss is over the positions of a sequence, a column of outputs at a time
 * (`spanLogits` of `@ligature/nn`).
 */
function spanHead(config: ResolvedBertConfig, outputs: number): Head {
  if (outputs !== 2) {
    throw new InputError('head-outputs-invalid', {
      asked: `Give every position ${outputs} outputs for a span`,
      found: 'a span is where it starts and where it ends',
      todo: 'Ask for 2 outputs',
    });
  }
  return {
    outputs,
    parameters: linearSpecs('qa_outputs', config.width, outputs),
    project: (view, { rows }) => ({
      features: rows,
      weight: view.global('qa_outputs.weight') as Tensor2D, // [2, width]
      bias: view.global('qa_outputs.bias') as Tensor1D,
    }),
    cost: (shape) => spanHeadCost(config, shape),
  };
}

const globals = (view: ParameterView) => (name: string) => view.global(name);

function tanh(x: Tensor2D): Tensor2D {
  return withGradient<Tensor2D>([x], (save) => {
    const value = tf.tanh(x);
    save([value]);
    return { value, gradient: (dy, [value]) => [tf.mul(dy, tf.sub(1, tf.square(value!)))] };
  });
}
