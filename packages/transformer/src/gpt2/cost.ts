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

export function gpt2Cost(config: ResolvedGpt2Config, shape: BatchShape): ModelCost {
  const { width, heads, intermediateSize: inner } = config;
  const [batch, time] = inputShape(shape);
  const rows = batch * time;
  const product = (from: number, to: number): number => 2 * rows * from * to;
  const scores = 2 * batch * time * time * width;
  return {
    weightFlops: {
      'attn.c_attn.weight': product(width, 3 * width),
      'attn.c_proj.weight': product(width, width),
      'mlp.c_fc.weight': product(width, inner),
      'mlp.c_proj.weight': product(inner, width),
    },
    layerActivationFlops: 2 * scores,
    layerActivationBytes: BYTES * layerActivations(rows, width, inner, batch * heads * time * time),
    globalActivationBytes: BYTES * (rows + normActivations(rows, width)), // ids of the inputs; the final norm
  };
}

/** Of the head over tokens: the embedding again, or one of its own. */
export const headWeight = ({ tiedHead }: ResolvedGpt2Config): string =>
  tiedHead ? 'transformer.wte.weight' : 'lm_head.weight';

/** Of a head over every position, with the cross-entropy behind it. */
export function tokenHeadCost(config: ResolvedGpt2Config, shape: BatchShape): HeadCost {
  const { width, vocabularySize } = config;
  const [batch, time] = inputShape(shape);
  const rows = batch * time;
  return {
    weightFlops: { [headWeight(config)]: 2 * rows * width * vocabularySize },
    // Places of the labels, input of the head, probabilities.
    activationBytes: BYTES * (rows + rows * width + rows * vocabularySize),
  };
}

function inputShape(shape: BatchShape): [batch: number, time: number] {
  const [batch = 0, time = 0] = fieldShape(shape, 'inputs', 'GPT-2');
  return [batch, time];
}
