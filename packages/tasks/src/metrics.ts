/** Metrics that several tasks share, as folds over the columns of scores. Sums are taken batch by batch, in 64 bits. */
import { ContractError } from '@ligature/core';
import type { BatchScores, Metric } from '@ligature/core';

/** What a mean is weighted by: every target alike, or (as the official code does) every batch alike. */
export type MeanOver = 'target' | 'batch';

/** A column of one batch. @throws ContractError (`score-missing`) */
export function columnOf({ columns }: BatchScores, name: string): Float32Array {
  const column = columns[name];
  if (column) return column;
  throw new ContractError('score-missing', {
    asked: `Fold the score "${name}"`,
    found: `there are ${Object.keys(columns).join(', ') || 'none'}`,
    todo: "Name a row of the task's `scores`",
  });
}

/** Sum of a column of one batch. @throws ContractError (`score-missing`) */
export function columnSum(scores: BatchScores, name: string): number {
  const column = columnOf(scores, name);
  let sum = 0;
  for (let target = 0; target < column.length; target += 1) sum += column[target] as number;
  return sum;
}

/** A mean of one score, and a number that follows from it. */
export function meanMetric(
  spec: Omit<Metric, 'fold'>,
  score: string,
  over: MeanOver = 'target',
  of: (mean: number) => number = (mean) => mean,
): Metric {
  return {
    ...spec,
    fold() {
      let total = 0;
      let weight = 0;
      let means = 0;
      let batches = 0;
      return {
        add(scores) {
          // Padding alone: no mean can be taken of it.
          if (scores.weight === 0) return;
          const sum = columnSum(scores, score);
          total += sum;
          weight += scores.weight;
          means += sum / scores.weight;
          batches += 1;
        },
        finish: () => of(over === 'target' ? total / weight : means / batches),
      };
    },
  };
}

/** Share of targets whose most likely class is the label, 0..1. */
export const accuracy = (score = 'correct'): Metric =>
  meanMetric({ name: 'accuracy', unit: '%', better: 'higher' }, score);
