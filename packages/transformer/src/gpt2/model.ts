/** GPT-2 behind core's `Model` contract: a pure function over a parameter view. It owns no weight. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor3D } from '@tensorflow/tfjs-core';
import type { Model } from '@ligature/core';
import { reshaped } from '../ops/linear.js';
import { registerMatMulGradient } from '../ops/mat-mul-gradient.js';
import { resolveGpt2Config } from '../options.js';
import type { Gpt2Config, ResolvedGpt2Config } from '../options.js';
import { gpt2Cost } from './cost.js';
import { gpt2Decoder } from './decode.js';
import { gpt2LayerStates, gpt2Logits, gpt2Loss, gpt2Scores } from './forward.js';
import { gpt2Parameters } from './parameters.js';

/** A GPT-2 and the options it was built with. */
export interface Gpt2Model extends Model {
  readonly config: ResolvedGpt2Config;
}

/**
 * A GPT-2 stack: pre-norm blocks of attention and a 4x wide MLP, learned positions, head tied to the token
 * embedding, biases everywhere. Sequences may be shorter than `context`.
 *
 * @throws InputError `model-options-invalid` or `heads-do-not-divide-width`.
 */
export function createGpt2(options: Gpt2Config): Gpt2Model {
  const config = Object.freeze(resolveGpt2Config(options));
  registerMatMulGradient();
  return {
    name: 'gpt2',
    config,
    layers: config.layers,
    context: config.context,
    vocabularySize: config.vocabularySize,
    parameters: gpt2Parameters(config),
    blockParameterName: (layer, name) => `transformer.h.${layer}.${name}`,
    logits: (view, inputs, mode) =>
      tf.tidy(() => {
        const [batch, time] = inputs.shape;
        const logits = gpt2Logits(config, view, inputs, mode);
        // [batch * time, vocabulary] -> [batch, time, vocabulary]
        return reshaped<Tensor3D>(logits, [batch, time, config.vocabularySize]);
      }),
    loss: (view, inputs, labels, mode) =>
      tf.tidy(() => {
        const flat: Tensor1D = tf.reshape(labels, [labels.size]); // [batch, time] -> [batch * time]
        return gpt2Loss(config, view, inputs, flat, mode);
      }),
    scores: (view, inputs, labels) =>
      tf.tidy(() => gpt2Scores(config, view, inputs, tf.reshape(labels, [labels.size]))),
    hidden: (view, inputs) => tf.tidy(() => gpt2LayerStates(config, view, inputs)),
    decoder: (view) => gpt2Decoder(config, view),
    cost: (batch, time) => gpt2Cost(config, batch, time),
  };
}
