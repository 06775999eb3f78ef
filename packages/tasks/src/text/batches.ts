/** Batches straight from a tokenized dataset, with the special tokens, row groups and byte counts that belong to it. */
import type { BatchSelection, BatchSource, EvaluationSet, RandomStream, SplitName } from '@ligature/core';
import { createBatchSource } from './batch-source.js';
import { cutChunks, type ChunkOptions } from './chunks.js';
import { createEvaluationSet } from './evaluation-set.js';
import { eachPair } from './token-ids.js';
import type { TokenizedDataset } from './tokenize.js';

export interface TextShape {
  /** Rows of a batch. */
  readonly batch: number;
  /** Positions of a row. */
  readonly context: number;
}

function chunkOptions(data: TokenizedDataset, split: SplitName, context: number): ChunkOptions {
  const { bosId, eosId } = data.tokenizer;
  return { context, chunking: data.chunking, bosId, eosId, groups: data.groups(split) };
}

/** Training batches of the training split. @throws InputError (`text-too-short`, …), see createBatchSource. */
export function trainingBatches(
  data: TokenizedDataset,
  { batch, context }: TextShape,
  stream: RandomStream,
): BatchSource {
  return createBatchSource(data.tokens('train'), { ...chunkOptions(data, 'train', context), batch }, stream);
}

/** A split, and which of its batches; left out: all. */
export interface EvaluationChoice {
  readonly split: SplitName;
  readonly maxBatches?: number | undefined;
  readonly places?: BatchSelection['places'] | undefined;
}

/** The evaluation set of a split. @throws InputError (`text-too-short`, …), see createEvaluationSet. */
export function evaluationBatches(
  data: TokenizedDataset,
  { split, batch, context, maxBatches, places }: TextShape & EvaluationChoice,
): EvaluationSet {
  const { tokenizer } = data;
  return createEvaluationSet(data.tokens(split), data.bytes(split), {
    ...chunkOptions(data, split, context),
    split,
    batch,
    maxBatches,
    places,
    byteLength: tokenizer.byteLength && ((ids) => tokenizer.byteLength?.(ids) ?? 0),
  });
}

/** Tokens of a long text that are counted: enough for pairs, and their table stays below two hundred megabytes. */
const MOST_COUNTED = 1 << 24;

/** So many tokens of the training split are counted: the first ones of one that is not held in memory, else all. */
export function countedTokens(data: TokenizedDataset): number {
  const tokens = data.tokens('train');
  return tokens instanceof Int32Array ? tokens.length : Math.min(tokens.length, MOST_COUNTED);
}

/** `the 1,000 tokens to train on`, `the first 1,000 of 9,000 tokens to train on` */
export function countedInWords(data: TokenizedDataset): string {
  const [counted, all] = [countedTokens(data), data.tokens('train').length].map((count) =>
    count.toLocaleString('en-US'),
  );
  return counted === all
    ? `the ${all} tokens to train on`
    : `the first ${counted} of ${all} tokens to train on`;
}

/**
 * Every token of the training split that is counted with the one before it, in lists as long as each other: what a model reads
 * and what it is asked for. Contiguous chunks have the whole split but its first token, wherever they are cut.
 */
export function eachTrainingPair(
  data: TokenizedDataset,
  { context }: Pick<TextShape, 'context'>,
  visit: (inputs: Int32Array, labels: Int32Array) => void,
): void {
  const tokens = data.tokens('train');
  const counted = countedTokens(data);
  if (data.chunking === 'contiguous') {
    eachPair(tokens, counted, visit);
    return;
  }
  const chunks = cutChunks(tokens, chunkOptions(data, 'train', context));
  const [inputs, labels] = [new Int32Array(context), new Int32Array(context)];
  // A share of the chunks with that share of the tokens.
  const count = Math.ceil((chunks.count * counted) / Math.max(1, tokens.length));
  for (let index = 0; index < count; index += 1) {
    chunks.copy(index, inputs, labels, 0);
    const end = labels.indexOf(-1);
    visit(inputs.subarray(0, end < 0 ? context : end), labels);
  }
}
