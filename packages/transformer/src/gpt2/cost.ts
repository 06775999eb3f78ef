/**
 * Operations and kept activations of one batch, by part. Operations are those of the matrix products, two for
 * each multiply-add; the causal half of the scores is counted, because it is computed. Bytes are what the ops of
 * `@ligature/nn` save for the backward pass without dropout, exactly (a test measures them).
 */
import type { BatchShape, HeadCost, ModelCost } from '@ligature/core';
import { fieldShape } from '../batch-fields.js';
import { layerActivations, normActivations } from '../layer-cost.js';
import type { ResolvedGpt2Config } from './options.js';

const BYTES = 4; // of a float32 and of an int32

export function gpt2Cost({ width, heads }: ResolvedGpt2Config, shape: BatchShape): ModelCost {
  const [batch, time] = inputShape(shape);
  const rows = batch * time;
  const product = (from: number, to: number): number => 2 * rows * from * to;
  const scores = 2 * batch * time * time * width;
  return {
    weightFlops: {
      'attn.c_attn.weight': product(width, 3 * width),
      'attn.c_proj.weight': product(width, width),
      'mlp.c_fc.weight': product(width, 4 * width),
      'mlp.c_proj.weight': product(4 * width, width),
    },
    layerActivationFlops: 2 * scores,
    layerActivationBytes: BYTES * layerActivations(rows, width, 4 * width, batch * heads * time * time),
    globalActivationBytes: BYTES * (rows + normActivations(rows, width)), // ids of the inputs; the final norm
  };
}

/** Of a head over every position, with the cross-entropy behind it. */
export function tiedHeadCost({ width, vocabularySize }: ResolvedGpt2Config, shape: BatchShape): HeadCost {
  const [batch, time] = inputShape(shape);
  const rows = batch * time;
  return {
    weightFlops: { 'transformer.wte.weight': 2 * rows * width * vocabularySize },
    // Places of the labels, input of the head, probabilities.
    activationBytes: BYTES * (rows + rows * width + rows * vocabularySize),
  };
}

function inputShape(shape: BatchShape): [batch: number, time: number] {
  const [batch = 0, time = 0] = fieldShape(shape, 'inputs', 'GPT-2');
  return [batch, time];
}
