/**
 * Operations and kept activations of one batch, by part. Operations are those of the matrix products, two for
 * each multiply-add; the causal half of the scores is counted, because it is computed. Bytes are what the ops of
 * this package save for the backward pass without dropout, exactly (a test measures them).
 */
import type { ModelCost } from '@ligature/core';
import type { ResolvedGpt2Config } from '../options.js';

const FLOAT_BYTES = 4;

export function gpt2Cost(config: ResolvedGpt2Config, batch: number, time: number): ModelCost {
  const { width, heads, vocabularySize } = config;
  const rows = batch * time;
  const attention = 2 * rows * (width * 3 * width + width * width);
  const mlp = 2 * rows * (2 * width * 4 * width);
  const scores = 2 * batch * time * time * width;
  return {
    layerWeightFlops: attention + mlp,
    componentWeightFlops: { attention, mlp, norms: 0 },
    layerActivationFlops: 2 * scores,
    globalFlops: 2 * rows * width * vocabularySize,
    layerActivationBytes: FLOAT_BYTES * layerActivations(rows, width, batch * heads * time * time),
    globalActivationBytes: FLOAT_BYTES * globalActivations(rows, width, vocabularySize),
  };
}

function layerActivations(rows: number, width: number, probabilities: number): number {
  const norm = rows * width + rows; // normalized rows and their scales
  const attentionInput = rows * width; // input of c_attn
  const attention = 3 * rows * width + probabilities + rows * width; // queries, keys, values; its output
  const mlpInput = rows * width; // input of c_fc
  const gelu = 3 * rows * 4 * width; // input, gate and output, the output being the input of c_proj
  return 2 * norm + attentionInput + attention + mlpInput + gelu;
}

function globalActivations(rows: number, width: number, vocabularySize: number): number {
  const ids = 2 * rows; // of the inputs, and the places of the labels, int32
  const norm = rows * width + rows;
  const head = rows * width + rows * vocabularySize; // input of the head; probabilities
  return ids + norm + head;
}
