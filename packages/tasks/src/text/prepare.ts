/** What tasks over running text prepare: the tokens of a dataset, what people are told of them, and their digests. */
import { ContractError, contentsOf } from '@ligature/core';
import type { BatchOptions, Dataset, Json, Prepared, PrepareContext } from '@ligature/core';
import { z } from 'zod';
import type { TextShape } from './batches.js';
import type { Chunking } from './chunks.js';
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
  { chunking = 'contiguous', separator }: Cutting = {},
): Promise<TokenizedDataset> {
  const { dataset, saved, cache } = context;
  const text = await textForTokenizer(context, task);
  const own = saved === undefined ? [] : [savedTokenizer(saved, task)];
  const tokenizer = await context.tokenizer(text, ...own);
  const reading = `Reading "${dataset?.name}" as tokens`;
  await context.stage(`${reading} …`);
  return tokenizeDataset({
    ...{ dataset: dataset as Dataset, tokenizer, cache, chunking, separator },
    encodeAll: context.encodeAll,
    progress: (done, total) => context.stage(`${reading}, ${megabytes(total)} MB`, { done, total }),
  });
}

interface Cutting {
  readonly chunking?: Chunking;
  readonly separator?: string;
}

const megabytes = (bytes: number): string => Math.round(bytes / 1e6).toLocaleString('en-US');

/** Bytes of a long text that a tokenizer learns its vocabulary from. */
const SAMPLE = 32 * 2 ** 20;

/** The text to train on; of one that is too long to be held at once, lines from all over it. */
export async function textForTokenizer(
  { dataset, stage }: Pick<PrepareContext, 'dataset' | 'stage'>,
  task: string,
): Promise<string> {
  const read = contentsOf(dataset, 'text', task);
  const long = await dataset?.longText?.('train');
  if (!long) return (await read('train')).text;
  await stage(
    `Taking ${megabytes(SAMPLE)} of the ${megabytes(long.bytes)} MB of "${dataset?.name}" from all over it, for a tokenizer to learn from …`,
  );
  return long.sample(SAMPLE);
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
  const [train, validation, test] = await Promise.all([
    data.digest('train'),
    data.digest('validation'),
    data.digest('test'),
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
