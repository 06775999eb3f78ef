/**
 * Cross-entropy of a split: nats per token, perplexity, and bits per byte, which alone compares tokenizers. Means are
 * weighted by tokens. The official code takes exp(unweighted mean of batch means) instead, which differs when the last
 * batch is smaller; `batch` replays it.
 */
import type { Metric } from '@ligature/core';
import { accuracy, columnSum, meanMetric, type MeanOver } from '../metrics.js';

/** `nats` first: what language models are chosen by. */
export const languageModelMetrics = (over: MeanOver = 'target'): readonly Metric[] => [
  meanMetric({ name: 'nats', unit: 'nats', better: 'lower', label: 'loss' }, 'nats', over),
  meanMetric({ name: 'perplexity', unit: '', better: 'lower' }, 'nats', over, Math.exp),
  bitsPerByte,
  accuracy(),
];

/** Always from the total: bytes have no batches. Only where the size of the text is known. */
const bitsPerByte: Metric = {
  name: 'bitsPerByte',
  unit: 'bits/byte',
  better: 'lower',
  label: 'bits per byte',
  fold() {
    let nats = 0;
    return {
      add: (scores) => void (nats += columnSum(scores, 'nats')),
      finish: ({ bytes = 0 }) => (bytes > 0 ? nats / Math.LN2 / bytes : undefined),
    };
  },
};
