/** Batches straight from a tokenized dataset, with the special tokens, row groups and byte counts that belong to it. */
import type { BatchSelection, BatchSource, EvaluationSet, RandomStream, SplitName } from '@ligature/core';
import { createBatchSource } from './batch-source.js';
import { cutChunks, type ChunkOptions } from './chunks.js';
import { createEvaluationSet } from './evaluation-set.js';
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

/**
 * Every token of the training split with the one before it, in lists as long as each other: what a model reads and what
 * it is asked for. Contiguous chunks have the whole split but its first token, wherever they are cut.
 */
export function eachTrainingPair(
  data: TokenizedDataset,
  { context }: Pick<TextShape, 'context'>,
  visit: (inputs: Int32Array, labels: Int32Array) => void,
): void {
  const tokens = data.tokens('train');
  if (data.chunking === 'contiguous') {
    visit(tokens.subarray(0, -1), tokens.subarray(1));
    return;
  }
  const chunks = cutChunks(tokens, chunkOptions(data, 'train', context));
  const [inputs, labels] = [new Int32Array(context), new Int32Array(context)];
  for (let index = 0; index < chunks.count; index += 1) {
    chunks.copy(index, inputs, labels, 0);
    visit(inputs, labels);
  }
}
