/** The fixed batches of an evaluation pass over rows: all of a split in order, or some of its batches. */
import type { Batch, BatchSelection, SplitName } from '@ligature/core';
import { InputError } from '@ligature/core';

export interface OrderedRows {
  readonly split: SplitName;
  /** Rows that there are. */
  readonly count: number;
  /** Rows of a batch; the last one may have fewer. */
  readonly batch: number;
  readonly maxBatches?: number | undefined;
  readonly places?: BatchSelection['places'] | undefined;
  /** The rows of these numbers as one batch. */
  fill(rows: Int32Array): Batch;
}

/** @throws InputError (`batch-shape-invalid`) for a place that is none */
export function batchesInOrder(rows: OrderedRows): Batch[] {
  const { split, count, batch, maxBatches = Infinity } = rows;
  const all = Math.ceil(count / batch);
  return chosenPlaces(all, { ...rows, split })
    .slice(0, maxBatches)
    .map((place) => {
      const first = place * batch;
      return rows.fill(Int32Array.from({ length: Math.min(batch, count - first) }, (_, row) => first + row));
    });
}

/** Places of the batches that are asked for, of so many. @throws InputError (`batch-shape-invalid`) */
export function chosenPlaces(
  all: number,
  { split, places }: Pick<OrderedRows, 'split' | 'places'>,
): number[] {
  if (!places) return Array.from({ length: all }, (_, place) => place);
  return places.map((place) => {
    if (Number.isSafeInteger(place) && place >= 0 && place < all) return place;
    throw new InputError('batch-shape-invalid', {
      asked: `Take batch ${place} of the ${split} split`,
      found: `its batches are ${all}, counted from 0`,
      todo: 'Ask for places below that',
    });
  });
}

/** @throws InputError (`too-few-examples`) where not one batch can be made for training */
export function assertOneBatch(count: number, batch: number, called: string): void {
  if (count >= batch) return;
  throw new InputError('too-few-examples', {
    asked: `Make training batches of ${batch} ${called}`,
    found: `there are ${count} to train on`,
    todo: count > 0 ? `Use more data, or a batch of at most ${count}` : 'Use more data',
  });
}
