/**
 * Operations and kept activations of one batch, by part, counted as GPT-2's are: two operations for each multiply-add, the
 * causal half of the scores among them; the bytes that the ops of `@ligature/nn` save without dropout, exactly (a test
 * measures them).
 */
import type { BatchShape, HeadCost, ModelCost } from '@ligature/core';
import { fieldShape } from '../batch-fields.js';
import { normActivations } from '../layer-cost.js';
import type { ResolvedLlamaConfig } from './options.js';

const BYTES = 4; // of a float32 and of an int32

export function llamaCost(config: ResolvedLlamaConfig, shape: BatchShape): ModelCost {
  const { width, heads, keyValueHeads, headSize, intermediateSize } = config;
  const [batch, time] = inputShape(shape);
  const rows = batch * time;
  const [asked, shared] = [heads * headSize, keyValueHeads * headSize];
  const product = (from: number, to: number): number => 2 * rows * from * to;
  const scores = 2 * batch * time * time * asked;
  const attention =
    rows * width + // input of the three products
    rows * (asked + 2 * shared) + // queries, keys, values
    batch * heads * time * time + // probabilities
    rows * asked; // its output, the input of o_proj
  // Input of the MLP; both products before the gating, the gate, and the input of down_proj.
  const mlp = rows * width + 4 * rows * intermediateSize;
  return {
    weightFlops: {
      'self_attn.q_proj.weight': product(width, asked),
      'self_attn.k_proj.weight': product(width, shared),
      'self_attn.v_proj.weight': product(width, shared),
      'self_attn.o_proj.weight': product(asked, width),
      'mlp.gate_proj.weight': product(width, intermediateSize),
      'mlp.up_proj.weight': product(width, intermediateSize),
      'mlp.down_proj.weight': product(intermediateSize, width),
    },
    layerActivationFlops: 2 * scores,
    layerActivationBytes: BYTES * (2 * normActivations(rows, width) + attention + mlp),
    globalActivationBytes: BYTES * (rows + normActivations(rows, width)), // ids of the inputs; the final norm
  };
}

/** Of a head over every position, with the cross-entropy behind it. */
export function causalHeadCost(
  { width, vocabularySize }: ResolvedLlamaConfig,
  name: string,
  shape: BatchShape,
): HeadCost {
  const [batch, time] = inputShape(shape);
  const rows = batch * time;
  return {
    weightFlops: { [name]: 2 * rows * width * vocabularySize },
    // Places of the labels, input of the head, probabilities.
    activationBytes: BYTES * (rows + rows * width + rows * vocabularySize),
  };
}

function inputShape(shape: BatchShape): [batch: number, time: number] {
  const [batch = 0, time = 0] = fieldShape(shape, 'inputs', 'LLaMA');
  return [batch, time];
}
