/**
 * How a token sequence is cut into chunks of `context` inputs with a label each.
 *
 * `contiguous`: windows of context + 1 tokens with stride context; the label is the next token, whatever it is.
 *
 * `bos-eos`: the chunks of the official dynamic-layer-tying code (arXiv 2401.12819). Its rows (lines) come in
 * groups of 1000; empty ones are dropped and the rest joined and encoded. Each group is cut into runs of
 * context - 1 tokens, what remains of it is dropped; inputs are `bos` + run, labels run + `eos`, so that one label
 * in `context` is an easy one.
 */
import { InputError } from '@ligature/core';

export type Chunking = 'contiguous' | 'bos-eos';

export interface ChunkOptions {
  /** Positions of a chunk. */
  readonly context: number;
  readonly chunking?: Chunking;
  /** For `bos-eos`. Where a vocabulary has only one of the two, it serves as both. */
  readonly bosId?: number | undefined;
  readonly eosId?: number | undefined;
  /** For `bos-eos`: end of every row group in the tokens, ascending; one group by default. */
  readonly groups?: ArrayLike<number> | undefined;
}

/** The complete chunks of a sequence; all have `context` positions. */
export interface Chunks {
  readonly count: number;
  /** Writes chunk `index` to inputs and labels, from `offset` on. */
  copy(index: number, inputs: Int32Array, labels: Int32Array, offset: number): void;
}

/** Rows of a group in the official code: the batch size of `datasets.map(batched=True)`. */
const ROWS_OF_GROUP = 1000;

/** The texts of the row groups of `text`: 1000 lines each, white lines dropped, the others joined as they are. */
export function rowGroups(text: string): string[] {
  const rows = text.match(/[^\n]*\n|[^\n]+$/gu) ?? [];
  const groups: string[] = [];
  for (let first = 0; first < rows.length; first += ROWS_OF_GROUP) {
    const kept = rows.slice(first, first + ROWS_OF_GROUP).filter((row) => row.trim() !== '');
    groups.push(kept.join(''));
  }
  return groups;
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
export function cutChunks(tokens: Int32Array, options: ChunkOptions): Chunks {
  return options.chunking === 'bos-eos' ? bosEosChunks(tokens, options) : contiguousChunks(tokens, options);
}

function contiguousChunks(tokens: Int32Array, { context }: ChunkOptions): Chunks {
  assertCount('context', context);
  return {
    count: Math.max(0, Math.floor((tokens.length - 1) / context)),
    copy(index, inputs, labels, offset) {
      const start = index * context;
      inputs.set(tokens.subarray(start, start + context), offset);
      labels.set(tokens.subarray(start + 1, start + context + 1), offset);
    },
  };
}

function bosEosChunks(tokens: Int32Array, { context, groups, ...special }: ChunkOptions): Chunks {
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
    count: starts.length,
    copy(index, inputs, labels, offset) {
      const from = starts[index] as number;
      inputs[offset] = bosId;
      inputs.set(tokens.subarray(from, from + run), offset + 1);
      labels.set(tokens.subarray(from, from + run), offset);
      labels[offset + run] = eosId;
    },
  };
}
