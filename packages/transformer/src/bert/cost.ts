/**
 * Operations and kept activations of one batch, by part. Operations are those of the matrix products, two for each
 * multiply-add; what a mask hides is counted, because it is computed. Bytes are what the ops of `@ligature/nn` save for the
 * backward pass without dropout, exactly (a test measures them).
 */
import type { BatchShape, HeadCost, ModelCost } from '@ligature/core';
import { fieldShape } from '../batch-fields.js';
import { layerActivations, normActivations } from '../layer-cost.js';
import { WORDS } from './embeddings.js';
import type { ResolvedBertConfig } from './options.js';

const BYTES = 4; // of a float32 and of an int32

export function bertCost(config: ResolvedBertConfig, shape: BatchShape): ModelCost {
  const { width, heads, intermediateSize: inner } = config;
  const { batch, time, rows } = inputShape(shape);
  const product = (from: number, to: number): number => 2 * rows * from * to;
  const scores = 2 * batch * time * time * width;
  return {
    weightFlops: {
      'attention.self.query.weight': product(width, width),
      'attention.self.key.weight': product(width, width),
      'attention.self.value.weight': product(width, width),
      'attention.output.dense.weight': product(width, width),
      'intermediate.dense.weight': product(width, inner),
      'output.dense.weight': product(inner, width),
    },
    layerActivationFlops: 2 * scores,
    layerActivationBytes: BYTES * layerActivations(rows, width, inner, batch * heads * time * time),
    globalActivationBytes: BYTES * (2 * rows + normActivations(rows, width)), // ids of tokens and segments; the norm of the embeddings
  };
}

/** Of the head over tokens: the word embedding again, or one of its own. */
export const headWeight = ({ tiedHead }: ResolvedBertConfig): string =>
  tiedHead ? WORDS : 'cls.predictions.decoder.weight';

export type LanguageKind = 'causal-lm' | 'masked-lm';

/** Of the heads over the vocabulary, with the cross-entropy behind them. */
export function languageHeadCost(
  config: ResolvedBertConfig,
  kind: LanguageKind,
  shape: BatchShape,
): HeadCost {
  const { width, vocabularySize, activation } = config;
  const { rows } = inputShape(shape);
  // What each GELU keeps of every number: its input and a gate, and the tanh approximation its output as well.
  const gelu = (activation === 'gelu_new' ? 3 : 2) * rows * width;
  // Places of the labels, and how much each counts where most do not.
  const labels = (kind === 'masked-lm' ? 2 : 1) * rows;
  return {
    weightFlops: {
      'cls.predictions.transform.dense.weight': 2 * rows * width * width,
      [headWeight(config)]: 2 * rows * width * vocabularySize,
    },
    // Input of the transform, its GELU and norm, its output; probabilities.
    activationBytes:
      BYTES * (2 * rows * width + gelu + normActivations(rows, width) + labels + rows * vocabularySize),
  };
}

/** Of a head over the first position of each sequence, with the cross-entropy behind it. */
export function classifierCost({ width }: ResolvedBertConfig, outputs: number, shape: BatchShape): HeadCost {
  const { batch } = inputShape(shape);
  return {
    weightFlops: {
      'bert.pooler.dense.weight': 2 * batch * width * width,
      'classifier.weight': 2 * batch * width * outputs,
    },
    // Places of the labels and of the rows that are read, input and output of the pooler, probabilities.
    activationBytes: BYTES * (2 * batch + 2 * batch * width + batch * outputs),
  };
}

/** Of a head with two outputs for each position, with both cross-entropies behind it. */
export function spanHeadCost({ width }: ResolvedBertConfig, shape: BatchShape): HeadCost {
  const { batch, rows } = inputShape(shape);
  return {
    weightFlops: { 'qa_outputs.weight': 2 * rows * width * 2 },
    // Input of the head; of starts and ends each the places of the labels, their shares and the probabilities.
    activationBytes: BYTES * (rows * width + 2 * (2 * batch + rows)),
  };
}

function inputShape(shape: BatchShape): { batch: number; time: number; rows: number } {
  const [batch = 0, time = 0] = fieldShape(shape, 'inputs', 'BERT');
  return { batch, time, rows: batch * time };
}
