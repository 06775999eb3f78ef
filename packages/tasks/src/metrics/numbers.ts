/**
 * Metrics of numbers that are predicted. Formulas and edge cases are those of scipy (`pearsonr`, `spearmanr`) and scikit-learn
 * (`mean_squared_error`), by which STS-B is judged. They fold the scores `predicted` and `label`, in 64 bits.
 */
import type { Metric, MetricFold } from '@ligature/core';
import { wholeColumn } from './columns.js';
import { averageRanks } from './ranks.js';

type Judge = (predicted: readonly number[], labels: readonly number[]) => number | undefined;

/** A fold that keeps all targets until its pass is over. */
function together(judge: Judge): MetricFold {
  const predicted: number[] = [];
  const labels: number[] = [];
  return {
    add(scores) {
      for (const value of wholeColumn(scores, 'predicted')) predicted.push(value);
      for (const value of wholeColumn(scores, 'label')) labels.push(value);
    },
    finish: () => judge(predicted, labels),
  };
}

/** Pearson's correlation, -1..1; nothing can be said where either side is constant. */
export const pearson = (): Metric => ({
  name: 'pearson',
  unit: '',
  better: 'higher',
  label: 'Pearson correlation',
  fold: () => together(correlation),
});

/** Spearman's correlation: Pearson's of the ranks, equal values sharing the mean of theirs. */
export const spearman = (): Metric => ({
  name: 'spearman',
  unit: '',
  better: 'higher',
  label: 'Spearman correlation',
  fold: () => together((predicted, labels) => correlation(averageRanks(predicted), averageRanks(labels))),
});

export const meanSquaredErrorMetric = (): Metric => ({
  name: 'meanSquaredError',
  unit: '',
  better: 'lower',
  label: 'mean squared error',
  fold: () =>
    together((predicted, labels) =>
      predicted.length === 0
        ? undefined
        : mean(predicted.map((value, at) => (value - (labels[at] as number)) ** 2)),
    ),
});

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Of what is left when the means are taken away, which is the cosine of the two. */
function correlation(one: readonly number[], other: readonly number[]): number | undefined {
  if (isConstant(one) || isConstant(other)) return undefined;
  const [x, y] = [centred(one), centred(other)];
  const [lengthX, lengthY] = [norm(x), norm(y)];
  if (!(lengthX > 0) || !(lengthY > 0)) return undefined;
  const cosine = x.reduce((sum, value, at) => sum + (value / lengthX) * ((y[at] as number) / lengthY), 0);
  return Math.max(-1, Math.min(1, cosine));
}

const isConstant = (values: readonly number[]): boolean => values.every((value) => value === values[0]);

function centred(values: readonly number[]): number[] {
  const middle = mean(values);
  return values.map((value) => value - middle);
}

const norm = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
