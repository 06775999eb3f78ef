/**
 * Operations and kept activations of one batch, by part. Operations are those of the matrix products, two for each
 * multiply-add. Bytes are what the ops of `@ligature/nn` save for the backward pass without dropout, exactly (a test measures
 * them).
 */
import type { BatchShape, HeadCost, ModelCost } from '@ligature/core';
import { fieldShape } from '../batch-fields.js';
import { layerActivations, normActivations } from '../layer-cost.js';
import { PATCHES } from './embeddings.js';
import { positionsOf } from './options.js';
import type { ResolvedVitConfig } from './options.js';

const BYTES = 4; // of a float32 and of an int32

export function vitCost(config: ResolvedVitConfig, shape: BatchShape): ModelCost {
  const { width, heads, channels, patchSize, intermediateSize: inner } = config;
  const [batch, time] = [images(shape), positionsOf(config)];
  const rows = batch * time;
  const pixels = batch * (time - 1) * channels * patchSize ** 2;
  const product = (from: number, to: number): number => 2 * rows * from * to;
  const scores = 2 * batch * time * time * width;
  return {
    weightFlops: {
      [`${PATCHES}.weight`]: 2 * pixels * width,
      'attention.attention.query.weight': product(width, width),
      'attention.attention.key.weight': product(width, width),
      'attention.attention.value.weight': product(width, width),
      'attention.output.dense.weight': product(width, width),
      'intermediate.dense.weight': product(width, inner),
      'output.dense.weight': product(inner, width),
    },
    layerActivationFlops: 2 * scores,
    layerActivationBytes: BYTES * layerActivations(rows, width, inner, batch * heads * time * time),
    globalActivationBytes: BYTES * (pixels + normActivations(rows, width)), // the patches; the final norm
  };
}

/** Of a head over one position of each image, with the cross-entropy behind it. */
export function classifierCost({ width }: ResolvedVitConfig, outputs: number, shape: BatchShape): HeadCost {
  const batch = images(shape);
  return {
    weightFlops: { 'classifier.weight': 2 * batch * width * outputs },
    // Places of the labels and of the rows that are read, input of the head, probabilities.
    activationBytes: BYTES * (2 * batch + batch * width + batch * outputs),
  };
}

const images = (shape: BatchShape): number => fieldShape(shape, 'pixel_values', 'ViT')[0] ?? 0;
