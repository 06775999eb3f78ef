/** Training batches of text without end, and batches of given chunks. */
import type { Batch, BatchSource, RandomStream } from '@ligature/core';
import { InputError } from '@ligature/core';
import { shuffledBatches } from '../batches/shuffled.js';
import { assertCount, cutChunks, type Chunks, type ChunkOptions } from './chunks.js';
import type { TokenIds } from './token-ids.js';

export interface BatchSourceOptions extends ChunkOptions {
  /** Rows of a batch. */
  readonly batch: number;
}

/**
 * @param tokens ids of a split
 * @param stream the only source of the order; drawn from at the first batch of each epoch
 * @returns batches of `inputs` and `labels`, [batch, context] each, weighing as much as they do on average; a snapshot holds the order of the epoch and the state of the stream
 * @throws InputError (`text-too-short`) when the text does not fill one batch
 */
export function createBatchSource(
  tokens: TokenIds,
  options: BatchSourceOptions,
  stream: RandomStream,
): BatchSource {
  const { batch, context } = options;
  assertCount('batch', batch);
  const chunks = cutChunks(tokens, options);
  if (chunks.count < batch) tooShort(tokens, options, chunks);

  return shuffledBatches(
    {
      ...{ count: chunks.count, batch, called: 'chunks' },
      shape: { inputs: [batch, context], labels: [batch, context] },
      weight: (batch * chunks.targets) / chunks.count,
      fill: (rows) => fillBatch(chunks, rows, context),
    },
    stream,
  );
}

/** The chunks of the given numbers as one batch: `inputs` and `labels`, [rows, context] int32 each; every label counts but -1. */
export function fillBatch(chunks: Chunks, rows: ArrayLike<number>, context: number): Batch {
  const inputs = new Int32Array(rows.length * context);
  const labels = new Int32Array(rows.length * context);
  for (let row = 0; row < rows.length; row += 1) {
    chunks.copy(rows[row] as number, inputs, labels, row * context);
  }
  const shape = [rows.length, context];
  return {
    fields: {
      inputs: { shape, dtype: 'int32', data: inputs },
      labels: { shape, dtype: 'int32', data: labels },
    },
    weight: labels.reduce((sum, label) => sum + Number(label >= 0), 0),
  };
}

function tooShort(tokens: TokenIds, { batch, context }: BatchSourceOptions, { count }: Chunks): never {
  const longest = Math.floor((tokens.length - 1) / batch);
  const hints = [
    'Use a longer text',
    ...(count > 0 ? [`a batch of at most ${count}`] : []),
    ...(longest > 0 ? [`a context of at most ${longest}`] : []),
  ];
  throw new InputError('text-too-short', {
    asked: `Cut training batches of ${batch} x ${context} tokens`,
    found: `the text has ${tokens.length} tokens, which make ${count} of the ${batch} chunks of one batch`,
    todo: hints.join(', or '),
  });
}
