/**
 * The forward pass of LLaMA (Touvron et al. 2023, arXiv 2302.13971): token embedding, pre-norm layers with rotary positions,
 * final norm. Everything between the embedding and the head is two-dimensional, [batch * time, width].
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { rotaryFrequencies, rotaryTables, takeRows } from '@ligature/nn';
import type { RotaryTables } from '@ligature/nn';
import { maskFor } from '../attention-mask.js';
import { batchField, tokenField } from '../batch-fields.js';
import type { RunStack } from '../encode.js';
import { runLayers } from '../layer.js';
import { assertTime, dropoutFor } from '../mode.js';
import { finalNorm, llamaLayer } from './layer.js';
import type { ResolvedLlamaConfig } from './options.js';
import { EMBEDDING } from './parameters.js';

/** What the model is called where it refuses a batch. */
const NAME = 'LLaMA';

/** Angles of the positions from 0 on, the same for every layer. */
export function anglesOf(config: ResolvedLlamaConfig, positions: number): RotaryTables {
  const { headSize: size, ropeTheta: theta, ropeScaling: scaling } = config;
  return rotaryTables(rotaryFrequencies({ size, theta, scaling }), positions);
}

/** The fields of a batch -> what a head reads, rows [batch * time, width] behind the final norm. */
export const llamaStack =
  (config: ResolvedLlamaConfig): RunStack =>
  (view, fields, mode, onLayer) => {
    const inputs = batchField(fields, 'inputs', NAME) as Tensor2D;
    const [batch, time] = inputs.shape;
    assertTime(time, config.context);
    const { heads, keyValueHeads, headSize } = config;
    const mask = maskFor(true, tokenField(fields, 'attention_mask', inputs, NAME));
    const dropout = dropoutFor(config.attentionDropout, mode);
    // [batch, time] -> [batch * time]
    const embedded = takeRows(view.global(EMBEDDING) as Tensor2D, tf.reshape(inputs, [batch * time]));
    const x = runLayers(embedded, {
      layers: config.layers,
      layer: (index) => llamaLayer(config, view, index),
      shape: { batch, time, heads, keyValueHeads, size: headSize },
      attention: { ...mask, dropout, rotary: anglesOf(config, time) },
      onLayer,
    });
    return { rows: finalNorm(config, view, x), batch, time };
  };
