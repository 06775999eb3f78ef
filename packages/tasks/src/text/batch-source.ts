/**
 * Training batches without end. Each epoch shuffles the chunks anew and takes as many whole batches as they make;
 * the chunks that are left over (fewer than a batch, others in every epoch) wait for a later epoch, so that all
 * batches have one shape.
 */
import type { Batch, BatchSource, RandomStream, Snapshot } from '@ligature/core';
import { ContractError, InputError } from '@ligature/core';
import { assertCount, cutChunks, type Chunks, type ChunkOptions } from './chunks.js';

export interface BatchSourceOptions extends ChunkOptions {
  /** Rows of a batch. */
  readonly batch: number;
}

/**
 * @param tokens ids of a split
 * @param stream the only source of the order; drawn from at the first batch of each epoch
 * @returns batches of `inputs` and `labels`, [batch, context] each; a snapshot holds the order of the epoch and the state of the stream
 * @throws InputError (`text-too-short`) when the text does not fill one batch
 */
export function createBatchSource(
  tokens: Int32Array,
  options: BatchSourceOptions,
  stream: RandomStream,
): BatchSource {
  const { batch, context } = options;
  assertCount('batch', batch);
  const chunks = cutChunks(tokens, options);
  if (chunks.count < batch) tooShort(tokens, options, chunks);

  const indices = Array.from({ length: chunks.count }, (_, index) => index);
  const batchesOfEpoch = Math.floor(chunks.count / batch);
  let epoch = -1;
  // Batches taken of the epoch; beyond its last one, so that the first call opens epoch 0.
  let taken = batchesOfEpoch;
  let order = new Int32Array(0);

  return {
    shape: { inputs: [batch, context], labels: [batch, context] },
    weight: batch * context,
    next(): Batch {
      if (taken === batchesOfEpoch) {
        order = Int32Array.from(stream.shuffle(indices));
        epoch += 1;
        taken = 0;
      }
      const first = taken * batch;
      taken += 1;
      return fillBatch(chunks, order.subarray(first, first + batch), context);
    },
    snapshot: () => ({ epoch, taken, order: order.slice(), stream: stream.snapshot() }),
    restore(state) {
      const saved = parseState(state, chunks.count, batchesOfEpoch);
      stream.restore(saved.stream);
      ({ epoch, taken, order } = saved);
    },
  };
}

/** The chunks of the given numbers as one batch: `inputs` and `labels`, [rows, context] int32 each; every label counts. */
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
    weight: rows.length * context,
  };
}

function tooShort(tokens: Int32Array, { batch, context }: BatchSourceOptions, { count }: Chunks): never {
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

interface State {
  readonly epoch: number;
  readonly taken: number;
  readonly order: Int32Array<ArrayBuffer>;
  readonly stream: Snapshot;
}

function parseState(state: Snapshot, chunks: number, batchesOfEpoch: number): State {
  const { epoch, taken, order, stream } = (state ?? {}) as Partial<Record<keyof State, Snapshot>>;
  const isOrder = order instanceof Int32Array && (order.length === 0 || isPermutation(order, chunks));
  // Before the first batch there is no order, and nothing is left of the epoch.
  const fresh = epoch === -1 && taken === batchesOfEpoch && isOrder && order.length === 0;
  const started =
    isWhole(epoch, Number.MAX_SAFE_INTEGER) && isWhole(taken, batchesOfEpoch) && isOrder && order.length > 0;
  if ((fresh || started) && stream !== undefined) {
    return { epoch, taken, order: new Int32Array(order), stream };
  }
  throw new ContractError('batch-source-state-invalid', {
    asked: 'Restore a batch source',
    found: `the saved state does not fit a source of ${chunks} chunks`,
    todo: 'Use the state of a source of the same text, tokenizer, batch and context',
  });
}

const isWhole = (value: unknown, most: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most;

function isPermutation(order: Int32Array, length: number): boolean {
  if (order.length !== length) return false;
  const seen = new Uint8Array(length);
  for (const index of order) {
    if (index < 0 || index >= length || seen[index] === 1) return false;
    seen[index] = 1;
  }
  return true;
}
