/**
 * The forward pass of GPT-2 (Radford et al. 2019): learned positions, pre-norm blocks, final norm. Everything between
 * the embedding and the head is two-dimensional, [batch * time, width], so that each product with a weight is one large
 * matrix product.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Mode, ParameterView, States, TensorBatch } from '@ligature/core';
import { dropoutOf, embedding } from '@ligature/nn';
import { batchField } from '../batch-fields.js';
import { runLayers } from '../layer.js';
import { assertTime, dropoutFor } from '../mode.js';
import type { ResolvedGpt2Config } from './options.js';
import { finalNorm, gpt2Layer } from './layer.js';

/** batch.inputs [batch, time] int32 -> what a head reads, rows [batch * time, width] behind the final norm. */
export function gpt2States(
  config: ResolvedGpt2Config,
  view: ParameterView,
  batch: TensorBatch,
  mode: Mode,
): States {
  const inputs = batchField(batch, 'inputs', 'GPT-2') as Tensor2D;
  const [sequences, time] = inputs.shape;
  return { rows: tf.tidy(() => rowsOf(config, view, inputs, mode)), batch: sequences, time };
}

/** batch.inputs [batch, time] int32 -> what leaves each layer, [batch * time, width] each, without dropout. */
export function gpt2LayerStates(
  config: ResolvedGpt2Config,
  view: ParameterView,
  batch: TensorBatch,
): Tensor2D[] {
  const inputs = batchField(batch, 'inputs', 'GPT-2') as Tensor2D;
  return tf.tidy(() => {
    const states: Tensor2D[] = [];
    rowsOf(config, view, inputs, { training: false }, (state) => states.push(state));
    return states;
  });
}

/** @param onLayer is shown what leaves each layer, [batch * time, width] */
function rowsOf(
  config: ResolvedGpt2Config,
  view: ParameterView,
  inputs: Tensor2D,
  mode: Mode,
  onLayer?: (state: Tensor2D) => void,
): Tensor2D {
  const [batch, time] = inputs.shape;
  assertTime(time, config.context);
  const dropout = dropoutFor(config.dropout, mode);
  const table = view.global('transformer.wte.weight') as Tensor2D; // [vocabulary, width]
  const positions = view.global('transformer.wpe.weight') as Tensor2D; // [context, width]
  const x = runLayers(dropoutOf(embedding(table, positions, inputs), dropout), {
    layers: config.layers,
    layer: (index) => gpt2Layer(config, view, index, dropout),
    shape: { batch, time, heads: config.heads, size: config.width / config.heads },
    attention: { mask: 'causal', dropout },
    onLayer,
  });
  return finalNorm(config, view, x);
}
