/** Windows as the fixed batches of an evaluation, cut between questions: a question that was seen in part cannot be judged. */
import type { Batch, BatchOptions, BatchSelection, EvaluationSet, SplitName } from '@ligature/core';
import { chosenPlaces } from '../batches/in-order.js';
import type { Windows } from './windows.js';

/**
 * Batches of whole questions, as many as have room; a question of more windows than rows takes several batches, which belong
 * together.
 *
 * @param counts windows of each question
 * @returns ends of the batches, in windows, and how many of them make each group
 */
export function cutBetweenQuestions(
  counts: ArrayLike<number>,
  rows: number,
): { readonly ends: readonly number[]; readonly groups: readonly number[] } {
  const ends: number[] = [];
  const groups: number[] = [];
  let [end, filled, open] = [0, 0, 0];
  const close = (): void => {
    ends.push(end);
    [filled, open] = [0, open + 1];
  };
  const endGroup = (): void => {
    groups.push(open);
    open = 0;
  };
  for (let place = 0; place < counts.length; place += 1) {
    const count = counts[place] as number;
    if (filled > 0 && filled + count > rows) {
      close();
      endGroup();
    }
    for (let left = count; left > 0;) {
      const taken = Math.min(left, rows - filled);
      end += taken;
      filled += taken;
      left -= taken;
      if (filled === rows) close();
    }
    if (filled === 0) endGroup();
  }
  if (filled > 0) {
    close();
    endGroup();
  }
  return { ends, groups };
}

/** @throws InputError (`batch-shape-invalid`) for a place that is none */
export function windowBatches(
  windows: Windows,
  wanted: BatchOptions & BatchSelection & { readonly split: SplitName },
  fill: (rows: Int32Array) => Batch,
): EvaluationSet {
  const { split, batch, maxBatches, places } = wanted;
  const { ends, groups } = cutBetweenQuestions(windows.counts, batch);
  const batches = chosenPlaces(ends.length, { split, places })
    .slice(0, maxBatches)
    .map((place) => {
      const first = ends[place - 1] ?? 0;
      return fill(Int32Array.from({ length: (ends[place] as number) - first }, (_, row) => first + row));
    });
  const weight = batches.reduce((sum, one) => sum + one.weight, 0);
  const isWhole = batches.length === ends.length;
  return { scope: { split, weight }, batches, ...(isWhole && { groups }) };
}
