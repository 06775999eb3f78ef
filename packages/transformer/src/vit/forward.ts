/** The forward pass of ViT (Dosovitskiy et al. 2021): patches, pre-norm layers that see everything, final norm. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { InputError } from '@ligature/core';
import type { Mode, ParameterView, States, TensorBatch } from '@ligature/core';
import { dropoutOf } from '@ligature/nn';
import { batchField } from '../batch-fields.js';
import { runLayers } from '../layer.js';
import { dropoutFor } from '../mode.js';
import { norm } from '../named.js';
import { vitEmbeddings } from './embeddings.js';
import { vitLayer } from './layer.js';
import { positionsOf } from './options.js';
import type { ResolvedVitConfig } from './options.js';
import { FINAL_NORM } from './parameters.js';

/** batch.pixel_values [batch, channels, imageSize, imageSize] float32 -> rows [batch * positions, width] behind the norm. */
export function vitStates(
  config: ResolvedVitConfig,
  view: ParameterView,
  batch: TensorBatch,
  mode: Mode,
): States {
  const pixels = pixelsOf(config, batch);
  return {
    rows: tf.tidy(() => rowsOf(config, view, pixels, mode)),
    batch: pixels.shape[0],
    time: positionsOf(config),
  };
}

/** batch.pixel_values -> what leaves each layer, [batch * positions, width] each, without dropout. */
export function vitLayerStates(
  config: ResolvedVitConfig,
  view: ParameterView,
  batch: TensorBatch,
): Tensor2D[] {
  const pixels = pixelsOf(config, batch);
  return tf.tidy(() => {
    const states: Tensor2D[] = [];
    rowsOf(config, view, pixels, { training: false }, (state) => states.push(state));
    return states;
  });
}

function rowsOf(
  config: ResolvedVitConfig,
  view: ParameterView,
  pixels: Tensor4D,
  mode: Mode,
  onLayer?: (state: Tensor2D) => void,
): Tensor2D {
  const { layers, heads, width } = config;
  const dropout = dropoutFor(config.dropout, mode);
  const x = runLayers(dropoutOf(vitEmbeddings(config, view, pixels), dropout), {
    layers,
    layer: (index) => vitLayer(config, view, index, dropout),
    shape: { batch: pixels.shape[0], time: positionsOf(config), heads, size: width / heads },
    attention: { dropout: dropoutFor(config.attentionDropout, mode) },
    onLayer,
  });
  return norm(x, (name) => view.global(name), FINAL_NORM, config.layerNormEpsilon);
}

/** @throws InputError (`image-size-invalid`) */
function pixelsOf({ channels, imageSize }: ResolvedVitConfig, batch: TensorBatch): Tensor4D {
  const pixels = batchField(batch, 'pixel_values', 'ViT');
  const wanted = [channels, imageSize, imageSize];
  if (pixels.rank === 4 && pixels.shape.slice(1).join() === wanted.join()) return pixels as Tensor4D;
  throw new InputError('image-size-invalid', {
    asked: `Read images of ${imageSize} x ${imageSize} pixels in ${channels} channels`,
    found: `the field "pixel_values" has shape [${pixels.shape.join(', ')}]`,
    todo: `Give [batch, ${wanted.join(', ')}], or make the model for other images`,
  });
}
