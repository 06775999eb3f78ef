/** The forward pass of ViT (Dosovitskiy et al. 2021): patches, pre-norm layers that see everything, final norm. */
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { InputError } from '@ligature/core';
import type { TensorBatch } from '@ligature/core';
import { dropoutOf } from '@ligature/nn';
import { batchField } from '../batch-fields.js';
import type { RunStack } from '../encode.js';
import { runLayers } from '../layer.js';
import { dropoutFor } from '../mode.js';
import { norm } from '../named.js';
import { vitEmbeddings } from './embeddings.js';
import { vitLayer } from './layer.js';
import { positionsOf } from './options.js';
import type { ResolvedVitConfig } from './options.js';
import { FINAL_NORM } from './parameters.js';

/** pixel_values [batch, channels, imageSize, imageSize] float32 -> rows [batch * positions, width] behind the norm. */
export const vitStack =
  (config: ResolvedVitConfig): RunStack =>
  (view, fields, mode, onLayer) => {
    const pixels = pixelsOf(config, fields);
    const [batch, time] = [pixels.shape[0], positionsOf(config)];
    const { layers, heads, width } = config;
    const dropout = dropoutFor(config.dropout, mode);
    const x = runLayers(dropoutOf(vitEmbeddings(config, view, pixels), dropout), {
      layers,
      layer: (index) => vitLayer(config, view, index, dropout),
      shape: { batch, time, heads, size: width / heads },
      attention: { dropout: dropoutFor(config.attentionDropout, mode) },
      onLayer,
    });
    const rows = norm(x, (name) => view.global(name), FINAL_NORM, config.layerNormEpsilon);
    return { rows, batch, time };
  };

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
