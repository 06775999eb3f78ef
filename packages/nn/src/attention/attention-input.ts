import { ContractError } from '@ligature/core';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { Dropout } from '../dropout.js';
import type { RotaryTables } from './rotary.js';

export interface AttentionShape {
  readonly batch: number;
  readonly time: number;
  /** Of the queries. */
  readonly heads: number;
  /** Width of one head. */
  readonly size: number;
  /**
   * Heads of keys and values: each serves heads / keyValueHeads neighbouring heads of queries (Ainslie et al. 2023,
   * arXiv 2305.13245; with one alone Shazeer 2019, arXiv 1911.02150). Left out: every head has its own.
   */
  readonly keyValueHeads?: number;
}

/** Heads side by side: queries [batch * time, heads * size], keys and values [batch * time, keyValueHeads * size]. */
export interface QueriesKeysValues {
  readonly queries: Tensor2D;
  readonly keys: Tensor2D;
  readonly values: Tensor2D;
}

/** One by one, or side by side in one tensor as GPT-2's `c_attn` gives them, [batch * time, 3 * heads * size]. */
export type AttentionInput = Tensor2D | QueriesKeysValues;

export interface AttentionOptions {
  /**
   * `causal`: no position sees a later one. A tensor is added to the scores; it is [time, time] (queries by keys) or has
   * rank 4 and broadcasts to [batch, heads, time, time], and no gradient flows into it. Left out: everybody sees all.
   */
  readonly mask?: 'causal' | Tensor;
  /** Of the probabilities. */
  readonly dropout?: Dropout | undefined;
  /** Queries and keys are turned by their positions first; [time, size / 2] each, no gradient flows into them. */
  readonly rotary?: RotaryTables;
}

/** @throws ContractError (`attention-mask-shape-invalid`) */
export function assertMaskShape(mask: Tensor, { batch, heads, time }: AttentionShape): void {
  const full = mask.rank === 2 ? [time, time] : [batch, heads, time, time];
  const fits = (n: number, at: number): boolean => n === full[at] || (mask.rank === 4 && n === 1);
  if (mask.rank === full.length && mask.shape.every(fits)) return;
  throw new ContractError('attention-mask-shape-invalid', {
    asked: `Mask the attention of ${batch} sequences, ${heads} heads and ${time} positions`,
    found: `a mask of shape [${mask.shape.join(', ')}]`,
    todo: `Give [${time}, ${time}], or rank 4 that broadcasts to [${batch}, ${heads}, ${time}, ${time}]`,
  });
}

/** The tensors that a gradient flows into, in order. */
export const tensorsOf = (input: AttentionInput): Tensor2D[] =>
  'queries' in input ? [input.queries, input.keys, input.values] : [input];
