/**
 * The forward pass of GPT-2 (Radford et al. 2019): learned positions, pre-norm blocks, final norm, head tied to
 * the token embedding. Everything between the embedding and the head is two-dimensional, [batch * time, width],
 * so that each product with a weight is one large matrix product.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { ContractError, InputError } from '@ligature/core';
import type { Mode, ParameterView } from '@ligature/core';
import { causalMask, causalSelfAttention } from '../ops/attention.js';
import { boundary } from '../ops/boundary.js';
import { linearCrossEntropy } from '../ops/cross-entropy.js';
import { dropoutOf } from '../ops/dropout.js';
import type { Dropout } from '../ops/dropout.js';
import { embedding } from '../ops/embedding.js';
import { labelScores } from '../ops/label-scores.js';
import type { ResolvedGpt2Config } from '../options.js';
import { finalNorm, gpt2Layer } from './layer.js';

/** inputs [batch, time] int32 -> logits [batch * time, vocabulary]. */
export function gpt2Logits(
  config: ResolvedGpt2Config,
  view: ParameterView,
  inputs: Tensor2D,
  mode: Mode,
): Tensor2D {
  const table = view.global('transformer.wte.weight') as Tensor2D; // [vocabulary, width]
  return tf.matMul(gpt2Hidden(config, view, inputs, mode), table, false, true);
}

/** inputs [batch, time] and labels [batch * time], both int32 -> mean cross-entropy in nats. */
export function gpt2Loss(
  config: ResolvedGpt2Config,
  view: ParameterView,
  inputs: Tensor2D,
  labels: Tensor1D,
  mode: Mode,
): Scalar {
  const table = view.global('transformer.wte.weight') as Tensor2D; // [vocabulary, width]
  return linearCrossEntropy(gpt2Hidden(config, view, inputs, mode), table, labels);
}

/** inputs [batch, time] and labels [batch * time], both int32 -> see `Model.scores`, [2, batch * time]. */
export function gpt2Scores(
  config: ResolvedGpt2Config,
  view: ParameterView,
  inputs: Tensor2D,
  labels: Tensor1D,
): Tensor2D {
  const table = view.global('transformer.wte.weight') as Tensor2D; // [vocabulary, width]
  return labelScores(gpt2Hidden(config, view, inputs, { training: false }), table, labels);
}

/** inputs [batch, time] int32 -> what leaves each layer, [batch * time, width] each, without dropout. */
export function gpt2LayerStates(
  config: ResolvedGpt2Config,
  view: ParameterView,
  inputs: Tensor2D,
): Tensor2D[] {
  const states: Tensor2D[] = [];
  gpt2Hidden(config, view, inputs, { training: false }, (state) => states.push(state));
  return states;
}

/**
 * inputs [batch, time] int32 -> what the head reads, [batch * time, width].
 *
 * @param onLayer is shown what leaves each layer, [batch * time, width]
 */
function gpt2Hidden(
  config: ResolvedGpt2Config,
  view: ParameterView,
  inputs: Tensor2D,
  mode: Mode,
  onLayer?: (state: Tensor2D) => void,
): Tensor2D {
  const [batch, time] = inputs.shape;
  const { width, layers } = config;
  assertTime(time, config.context);
  const dropout = dropoutFor(config.dropout, mode);
  const mask = causalMask(time);
  const table = view.global('transformer.wte.weight') as Tensor2D; // [vocabulary, width]
  const positions = view.global('transformer.wpe.weight') as Tensor2D; // [context, width]
  let x = dropoutOf(embedding(table, positions, inputs), dropout);
  const shape = { batch, time, heads: config.heads, size: width / config.heads };
  for (let index = 0; index < layers; index += 1) {
    const layer = gpt2Layer(config, view, index, dropout);
    x = boundary(x);
    // Scopes of their own: what the gradient does not keep is freed before the next one starts.
    x = tf.tidy(() => layer.attended(x, causalSelfAttention(layer.packed(x), mask, shape, dropout)));
    x = tf.tidy(() => layer.transformed(x));
    onLayer?.(x);
  }
  return finalNorm(config, view, boundary(x));
}

function dropoutFor(rate: number, mode: Mode): Dropout | undefined {
  if (!mode.training || rate === 0) return undefined;
  if (!mode.dropoutSeed) {
    throw new ContractError('dropout-seed-missing', {
      asked: `Train with dropout ${rate}`,
      found: 'the mode has no dropoutSeed',
      todo: 'Give the forward pass seeds from the dropout stream',
    });
  }
  return { rate, seed: mode.dropoutSeed };
}

function assertTime(time: number, context: number): void {
  if (time >= 1 && time <= context) return;
  throw new InputError('sequence-length-invalid', {
    asked: `Run a sequence of ${time} tokens`,
    found: `the model has ${context} positions`,
    todo: `Give it between 1 and ${context} tokens`,
  });
}
