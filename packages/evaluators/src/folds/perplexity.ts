/**
 * Cross-entropy of a split: nats per token, perplexity, and bits per byte, which alone compares tokenizers.
 *
 * Means are weighted by tokens. The official code takes exp(unweighted mean of batch means) instead, which
 * differs when the last batch is smaller; `mean: 'batch'` replays it.
 */
import { defineEvaluator } from '@ligature/core';
import type { EvaluationFold } from '@ligature/core';
import { z } from 'zod';
import { assertScores } from './assert-scores.js';

const options = z.strictObject({
  mean: z
    .enum(['token', 'batch'])
    .default('token')
    .describe('`token`: every token counts alike; `batch`: mean of batch means, as the official code'),
});

/** A fold that yields `nats`, `perplexity` and, where the size of the text is known, `bitsPerByte`. */
export function perplexityFold({ mean }: z.output<typeof options>): EvaluationFold {
  let nats = 0;
  let tokens = 0;
  let batchMeans = 0;
  let batches = 0;
  return {
    add(score) {
      nats += score.nats;
      tokens += score.tokens;
      batchMeans += score.nats / score.tokens;
      batches += 1;
    },
    finish(scope) {
      assertScores(tokens, scope);
      const perToken = mean === 'token' ? nats / tokens : batchMeans / batches;
      return {
        nats: perToken,
        perplexity: Math.exp(perToken),
        // Always from the total: bytes have no batches.
        ...(scope.bytes > 0 && { bitsPerByte: nats / Math.LN2 / scope.bytes }),
      };
    },
  };
}

export const perplexity = defineEvaluator({
  meta: {
    summary: 'Nats per token, perplexity and bits per byte, weighted by tokens',
    options,
    reference: 'Hay and Wolf 2024 (arXiv 2401.12819) for perplexity; bits per byte = nats / ln 2 / bytes',
  },
  create: (chosen) => ({ name: 'perplexity', begin: () => perplexityFold(chosen) }),
});
