/** What tasks over running text prepare: the tokens of a dataset, what people are told of them, and their digests. */
import { ContractError, contentsOf } from '@ligature/core';
import type { BatchOptions, Dataset, Json, Prepared, PrepareContext, SplitName } from '@ligature/core';
import { z } from 'zod';
import type { TextShape } from './batches.js';
import type { Chunking } from './chunks.js';
import { sha256 } from './digest.js';
import { tokenizeDataset, type TokenizedDataset } from './tokenize.js';

/** Tokens of a sequence, for a model without a longest one. */
const USUAL_CONTEXT = 64;

/** @param own tokens of a sequence by the options of the task; `null`: as many as the model reads */
export const textShape =
  (own: number | null) =>
  ({ batch, context }: BatchOptions): TextShape => ({ batch, context: own ?? context ?? USUAL_CONTEXT });

/**
 * The dataset of a run as ids, by the tokenizer that was saved with it or one that learns from it.
 *
 * @param task its name, for messages
 * @throws InputError (those of contentsOf, dataset and tokenizer)
 */
export async function tokenizedText(
  context: PrepareContext,
  task: string,
  chunking: Chunking = 'contiguous',
): Promise<TokenizedDataset> {
  const { dataset, saved, cache } = context;
  const { text } = await contentsOf(dataset, 'text', task)('train');
  const own = saved === undefined ? [] : [savedTokenizer(saved, task)];
  const tokenizer = await context.tokenizer(text, ...own);
  await context.stage(`Reading "${dataset?.name}" as tokens …`);
  return tokenizeDataset({ dataset: dataset as Dataset, tokenizer, cache, chunking });
}

const savedSchema = z.object({ tokenizer: z.custom<Json>((value) => value !== undefined) });

/** The tokenizer in what a run of the task saved. @throws ContractError (`task-state-invalid`) */
export function savedTokenizer(saved: Json, task: string): Json {
  const parsed = savedSchema.safeParse(saved);
  if (parsed.success) return parsed.data.tokenizer;
  throw new ContractError('task-state-invalid', {
    asked: `Open a run of the task "${task}"`,
    found: 'its tokenizer was not saved with it',
    todo: 'Give a run that was saved whole',
  });
}

/** SHA-256 of the ids of each split. */
export async function digestsOf(data: TokenizedDataset): Promise<Prepared['digests']> {
  const digest = (split: SplitName): Promise<string> => {
    const { buffer, byteOffset, byteLength } = data.tokens(split);
    return sha256(new Uint8Array(buffer, byteOffset, byteLength));
  };
  const [train, validation, test] = await Promise.all([
    digest('train'),
    digest('validation'),
    digest('test'),
  ]);
  return { train, validation, test };
}

export const factsOf = (data: TokenizedDataset): Prepared['facts'] => ({
  vocabularySize: data.tokenizer.vocabularySize,
  trainingTokens: data.tokens('train').length,
  validationTokens: data.tokens('validation').length,
  testTokens: data.tokens('test').length,
  splits: data.origin('test'),
});
