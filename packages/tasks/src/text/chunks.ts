/**
 * How a token sequence is cut into chunks of `context` inputs with a label each.
 *
 * `contiguous`: windows of context + 1 tokens with stride context; the label is the next token, whatever it is.
 *
 * `bos-eos`: the chunks of the official dynamic-layer-tying code (arXiv 2401.12819). Its rows (lines) come in
 * groups of 1000; empty ones are dropped and the rest joined and encoded. Each group is cut into runs of
 * context - 1 tokens, what remains of it is dropped; inputs are `bos` + run, labels run + `eos`, so that one label
 * in `context` is an easy one.
 *
 * `documents`: as `contiguous`, and no window goes beyond the end of a document. The last window of one is filled up with
 * places that do not count: their label is -1.
 */
import { InputError } from '@ligature/core';
import type { TokenIds } from './token-ids.js';

export type Chunking = 'contiguous' | 'bos-eos' | 'documents';

export interface ChunkOptions {
  /** Positions of a chunk. */
  readonly context: number;
  readonly chunking?: Chunking;
  /** For `bos-eos`. Where a vocabulary has only one of the two, it serves as both. */
  readonly bosId?: number | undefined;
  readonly eosId?: number | undefined;
  /** For `bos-eos` and `documents`: end of every group in the tokens, ascending; one group by default. */
  readonly groups?: ArrayLike<number> | undefined;
}

/** The chunks of a sequence; all have `context` positions. */
export interface Chunks {
  readonly count: number;
  /** Labels of all of them together that count. */
  readonly targets: number;
  /** Writes chunk `index` to inputs and labels, from `offset` on. */
  copy(index: number, inputs: Int32Array, labels: Int32Array, offset: number): void;
}

/** @throws InputError (`batch-shape-invalid`) unless `value` is a whole number, `least` or more. */
export function assertCount(what: string, value: number, least = 1): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new InputError('batch-shape-invalid', {
    asked: `Cut batches with a ${what} of ${value}`,
    found: `a ${what} is a whole number, ${least} or more`,
    todo: `Change the ${what}`,
  });
}

/** @throws InputError (`batch-shape-invalid`, `chunking-needs-special-token`). */
export function cutChunks(tokens: TokenIds, options: ChunkOptions): Chunks {
  if (options.chunking === 'bos-eos') return bosEosChunks(tokens, options);
  return options.chunking === 'documents'
    ? documentChunks(tokens, options)
    : contiguousChunks(tokens, options);
}

function contiguousChunks(tokens: TokenIds, { context }: ChunkOptions): Chunks {
  assertCount('context', context);
  const count = Math.max(0, Math.floor((tokens.length - 1) / context));
  return {
    ...{ count, targets: count * context },
    copy(index, inputs, labels, offset) {
      const start = index * context;
      const window = tokens.subarray(start, start + context + 1);
      inputs.set(window.subarray(0, context), offset);
      labels.set(window.subarray(1), offset);
    },
  };
}

function documentChunks(tokens: TokenIds, { context, groups = [tokens.length] }: ChunkOptions): Chunks {
  assertCount('context', context);
  const ends = Float64Array.from(groups);
  /** Chunks up to the end of each document. */
  const chunksTo = new Float64Array(ends.length);
  let [count, targets] = [0, 0];
  ends.forEach((end, document) => {
    const asked = Math.max(0, end - (ends[document - 1] ?? 0) - 1);
    count += Math.ceil(asked / context);
    targets += asked;
    chunksTo[document] = count;
  });
  return {
    ...{ count, targets },
    copy(index, inputs, labels, offset) {
      const document = firstAbove(chunksTo, index);
      const start = (ends[document - 1] ?? 0) + (index - (chunksTo[document - 1] ?? 0)) * context;
      const window = tokens.subarray(start, Math.min(start + context + 1, ends[document] as number));
      inputs.fill(0, offset, offset + context).set(window.subarray(0, -1), offset);
      labels.fill(-1, offset, offset + context).set(window.subarray(1), offset);
    },
  };
}

/** Place of the first number above `value`, in numbers that ascend. */
function firstAbove(numbers: Float64Array, value: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] as number) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

function bosEosChunks(tokens: TokenIds, { context, groups, ...special }: ChunkOptions): Chunks {
  assertCount('context', context, 2);
  const bosId = special.bosId ?? special.eosId;
  const eosId = special.eosId ?? special.bosId;
  if (bosId === undefined || eosId === undefined) {
    throw new InputError('chunking-needs-special-token', {
      asked: 'Cut the text into bos-eos chunks',
      found: 'the tokenizer has neither a bos nor an eos token',
      todo: 'Use a tokenizer that has one (`byte` has them as options), or the chunking "contiguous"',
    });
  }
  const run = context - 1;
  const starts: number[] = [];
  let start = 0;
  for (const end of Array.from(groups ?? [tokens.length])) {
    for (; start + run <= end; start += run) starts.push(start);
    start = end;
  }
  return {
    ...{ count: starts.length, targets: starts.length * context },
    copy(index, inputs, labels, offset) {
      const from = starts[index] as number;
      inputs[offset] = bosId;
      inputs.set(tokens.subarray(from, from + run), offset + 1);
      labels.set(tokens.subarray(from, from + run), offset);
      labels[offset + run] = eosId;
    },
  };
}
