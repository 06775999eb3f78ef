/**
 * The forward pass of LLaMA (Touvron et al. 2023, arXiv 2302.13971): token embedding, pre-norm layers with rotary positions,
 * final norm. Everything between the embedding and the head is two-dimensional, [batch * time, width].
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Mode, ParameterView, States, TensorBatch } from '@ligature/core';
import { rotaryFrequencies, rotaryTables, takeRows } from '@ligature/nn';
import type { RotaryTables } from '@ligature/nn';
import { batchField } from '../batch-fields.js';
import { runLayers } from '../layer.js';
import { assertTime, dropoutFor } from '../mode.js';
import { finalNorm, llamaLayer } from './layer.js';
import type { ResolvedLlamaConfig } from './options.js';
import { EMBEDDING } from './parameters.js';

/** batch.inputs [batch, time] int32 -> what a head reads, rows [batch * time, width] behind the final norm. */
export function llamaStates(
  config: ResolvedLlamaConfig,
  view: ParameterView,
  batch: TensorBatch,
  mode: Mode,
): States {
  const inputs = batchField(batch, 'inputs', 'LLaMA') as Tensor2D;
  const [sequences, time] = inputs.shape;
  return { rows: tf.tidy(() => rowsOf(config, view, inputs, mode)), batch: sequences, time };
}

/** batch.inputs [batch, time] int32 -> what leaves each layer, [batch * time, width] each, without dropout. */
export function llamaLayerStates(
  config: ResolvedLlamaConfig,
  view: ParameterView,
  batch: TensorBatch,
): Tensor2D[] {
  const inputs = batchField(batch, 'inputs', 'LLaMA') as Tensor2D;
  return tf.tidy(() => {
    const states: Tensor2D[] = [];
    rowsOf(config, view, inputs, { training: false }, (state) => states.push(state));
    return states;
  });
}

/** Angles of the positions from 0 on, the same for every layer. */
export function anglesOf(config: ResolvedLlamaConfig, positions: number): RotaryTables {
  const { headSize: size, ropeTheta: theta, ropeScaling: scaling } = config;
  return rotaryTables(rotaryFrequencies({ size, theta, scaling }), positions);
}

function rowsOf(
  config: ResolvedLlamaConfig,
  view: ParameterView,
  inputs: Tensor2D,
  mode: Mode,
  onLayer?: (state: Tensor2D) => void,
): Tensor2D {
  const [batch, time] = inputs.shape;
  assertTime(time, config.context);
  const { heads, keyValueHeads, headSize } = config;
  const dropout = dropoutFor(config.attentionDropout, mode);
  // [batch, time] -> [batch * time]
  const embedded = takeRows(view.global(EMBEDDING) as Tensor2D, tf.reshape(inputs, [batch * time]));
  const x = runLayers(embedded, {
    layers: config.layers,
    layer: (index) => llamaLayer(config, view, index),
    shape: { batch, time, heads, keyValueHeads, size: headSize },
    attention: { mask: 'causal', dropout, rotary: anglesOf(config, time) },
    onLayer,
  });
  return finalNorm(config, view, x);
}
