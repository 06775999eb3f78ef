/**
 * Training batches without end. Each epoch shuffles the rows anew and takes as many whole batches as they make; the rows
 * that are left over (fewer than a batch, others in every epoch) wait for a later epoch, so that all batches have one
 * shape.
 */
import type { Batch, BatchShape, BatchSource, RandomStream, Snapshot } from '@ligature/core';
import { ContractError } from '@ligature/core';

export interface ShuffledRows {
  /** Rows that there are, at least one batch of them. */
  readonly count: number;
  /** Rows of a batch. */
  readonly batch: number;
  /** What rows are, in the plural, for messages: `chunks`, `images`. */
  readonly called: string;
  /** Shapes of a full batch. */
  readonly shape: BatchShape;
  /** Targets that count in a batch. */
  readonly weight: number;
  /** The rows of these numbers as one batch. It may draw from `stream`, whose state is saved with the order. */
  fill(rows: Int32Array, stream: RandomStream): Batch;
}

/**
 * @param stream the only source of the order; drawn from at the first batch of each epoch, and by `fill`
 * @returns a source whose snapshot holds the order of the epoch and the state of the stream
 */
export function shuffledBatches(rows: ShuffledRows, stream: RandomStream): BatchSource {
  const { count, batch, called, shape, weight } = rows;
  const batchesOfEpoch = Math.floor(count / batch);
  let epoch = -1;
  // Batches taken of the epoch; beyond its last one, so that the first call opens epoch 0.
  let taken = batchesOfEpoch;
  let order = new Int32Array(0);
  return {
    ...{ shape, weight },
    next(): Batch {
      if (taken === batchesOfEpoch) {
        order = shuffledNumbers(count, stream);
        epoch += 1;
        taken = 0;
      }
      const first = taken * batch;
      taken += 1;
      return rows.fill(order.subarray(first, first + batch), stream);
    },
    snapshot: () => ({ epoch, taken, order: order.slice(), stream: stream.snapshot() }),
    restore(state) {
      const saved = parseState(state, { count, batchesOfEpoch, called });
      stream.restore(saved.stream);
      ({ epoch, taken, order } = saved);
    },
  };
}

/** Whole numbers below `count` in the order in which `stream.shuffle` puts them, without objects for them. */
function shuffledNumbers(count: number, stream: Pick<RandomStream, 'integer'>): Int32Array<ArrayBuffer> {
  const numbers = Int32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last -= 1) {
    const other = stream.integer(0, last + 1);
    const moved = numbers[last] as number;
    numbers[last] = numbers[other] as number;
    numbers[other] = moved;
  }
  return numbers;
}

interface State {
  readonly epoch: number;
  readonly taken: number;
  readonly order: Int32Array<ArrayBuffer>;
  readonly stream: Snapshot;
}

interface Sizes {
  readonly count: number;
  readonly batchesOfEpoch: number;
  readonly called: string;
}

function parseState(state: Snapshot, { count, batchesOfEpoch, called }: Sizes): State {
  const { epoch, taken, order, stream } = (state ?? {}) as Partial<Record<keyof State, Snapshot>>;
  const isOrder = order instanceof Int32Array && (order.length === 0 || isPermutation(order, count));
  // Before the first batch there is no order, and nothing is left of the epoch.
  const fresh = epoch === -1 && taken === batchesOfEpoch && isOrder && order.length === 0;
  const started =
    isWhole(epoch, Number.MAX_SAFE_INTEGER) && isWhole(taken, batchesOfEpoch) && isOrder && order.length > 0;
  if ((fresh || started) && stream !== undefined) {
    return { epoch, taken, order: new Int32Array(order), stream };
  }
  throw new ContractError('batch-source-state-invalid', {
    asked: 'Restore a batch source',
    found: `the saved state does not fit a source of ${count} ${called}`,
    todo: 'Use the state of a source of the same data, task, batch and context',
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
