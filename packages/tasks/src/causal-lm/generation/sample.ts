/**
 * One token from a row of logits: temperature, then top-k, then top-p (nucleus sampling, Holtzman et al. 2020,
 * arXiv 1904.09751), in the order of Hugging Face's logits processors. Equal logits rank by id, so the result
 * depends on the logits and the stream alone.
 */
import { ContractError, InputError, describeIssues } from '@ligature/core';
import type { RandomStream } from '@ligature/core';
import { z } from 'zod';

export const samplingOptionsSchema = z.object({
  temperature: z
    .number()
    .min(0)
    .max(100)
    .default(1)
    .describe('Divides the logits; 0 always takes the most likely token'),
  topK: z.int().min(0).default(0).describe('Sample among the k most likely tokens; 0: all'),
  topP: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe('Sample among the fewest most likely tokens whose probabilities reach p; 1: all'),
});

export type SamplingOptions = z.input<typeof samplingOptionsSchema>;

/**
 * Draws a token id. One number is drawn from the stream, none at temperature 0.
 *
 * @param logits [vocabulary], finite or -Infinity
 * @throws InputError `sampling-options-invalid`; ContractError `logits-invalid` when there is nothing to choose.
 */
export function sampleToken(
  logits: Float32Array,
  options: SamplingOptions,
  stream: Pick<RandomStream, 'uniform'>,
): number {
  const { temperature, topK, topP } = resolveSampling(options);
  const best = mostLikely(logits);
  if (temperature === 0) return best;

  // Relative weights, largest 1: exp((logit - largest) / temperature).
  const largest = logits[best] as number;
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - largest) / temperature));
  const ranked = [...weights.keys()].filter((id) => (weights[id] as number) > 0);
  // Only the two cuts need the ranking. By logits: weights of nearly equal ones may round to the same number.
  if (topK > 0 || topP < 1) ranked.sort((a, b) => (logits[b] as number) - (logits[a] as number) || a - b);
  if (topK > 0) ranked.length = Math.min(ranked.length, topK);

  let total = sum(ranked, weights);
  if (topP < 1) {
    let reached = 0;
    let kept = 0;
    while (kept < ranked.length && reached < topP * total) {
      reached += weights[ranked[kept] as number] as number;
      kept += 1;
    }
    ranked.length = kept;
    total = reached;
  }

  let rest = stream.uniform() * total;
  for (const id of ranked) {
    rest -= weights[id] as number;
    if (rest < 0) return id;
  }
  // Only rounding leads here: the draw fell on the very end of the last token's share.
  return ranked[ranked.length - 1] as number;
}

/** @throws InputError `sampling-options-invalid` */
function resolveSampling(options: SamplingOptions): z.output<typeof samplingOptionsSchema> {
  const parsed = samplingOptionsSchema.safeParse(options);
  if (parsed.success) return parsed.data;
  throw new InputError('sampling-options-invalid', {
    asked: 'Sample a token',
    found: describeIssues(parsed.error),
    todo: 'Correct these options',
  });
}

function mostLikely(logits: Float32Array): number {
  let best = -1;
  let largest = -Infinity;
  logits.forEach((logit, id) => {
    if (logit > largest) {
      best = id;
      largest = logit;
    }
  });
  if (best >= 0 && largest < Infinity) return best;
  throw new ContractError('logits-invalid', {
    asked: `Choose among ${logits.length} tokens`,
    found: `the largest logit is ${largest}, or none is a number`,
    todo: 'Check the weights: a model that diverged gives no usable logits',
  });
}

function sum(ids: readonly number[], weights: Float64Array): number {
  return ids.reduce((total, id) => total + (weights[id] as number), 0);
}
