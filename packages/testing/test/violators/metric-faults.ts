/** What can be wrong with a metric, whoever declares it. */
import type { EvaluationScope, Metric, MetricFold } from '@ligature/core';

export interface MetricFault {
  readonly rule: string;
  readonly fault: string;
  readonly found: RegExp;
  readonly metrics: readonly Metric[];
  /** Rules of a life that it breaks besides or not. */
  readonly maybe?: readonly string[];
}

const sumOf = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0);

/** Mean nats of the targets. */
export const meanNats: Metric = {
  name: 'nats',
  unit: 'nats',
  better: 'lower',
  fold() {
    let sum = 0;
    let weight = 0;
    return {
      add(scores) {
        sum += sumOf(scores.columns['nats']!);
        weight += scores.weight;
      },
      finish: () => sum / weight,
    };
  },
};

/** Another end of the good one's fold. */
const finishing = (finish: (mean: number, scope: EvaluationScope) => number | undefined): Metric => ({
  ...meanNats,
  fold() {
    const fold = meanNats.fold();
    return { ...fold, finish: (scope) => finish(fold.finish(scope)!, scope) };
  },
});

function sumsOverAll(): MetricFold {
  return {
    add(scores) {
      shared.sum += sumOf(scores.columns['nats']!);
      shared.weight += scores.weight;
    },
    finish: () => shared.sum / shared.weight,
  };
}

const shared = { sum: 0, weight: 0 };

function meanOfMeans(): MetricFold {
  const means: number[] = [];
  return {
    add: ({ columns, weight }) => void means.push(sumOf(columns['nats']!) / weight),
    finish: () => means.reduce((sum, mean) => sum + mean, 0) / means.length,
  };
}

export const metricFaults: readonly MetricFault[] = [
  {
    rule: 'metrics-declared',
    fault: 'has two metrics of one name',
    found: /two metrics have the name "nats"/,
    metrics: [meanNats, finishing(Math.exp)],
  },
  {
    rule: 'metrics-declared',
    fault: 'does not say which way a metric goes',
    found: /of "nats" better is undefined/,
    metrics: [{ ...meanNats, better: undefined as never }],
  },
  {
    rule: 'metrics-finite',
    fault: 'divides by bytes that nobody knows',
    found: /nats is "?(NaN|Infinity)"? of a text of (unknown|0) bytes/,
    metrics: [finishing((mean, { bytes }) => mean / bytes!)],
  },
  {
    rule: 'metrics-finite',
    fault: 'never says anything',
    found: /nats cannot be said of a whole pass/,
    metrics: [finishing(() => undefined)],
  },
  {
    rule: 'folds-independent',
    fault: 'sums up over all folds',
    found: /another fold/,
    metrics: [{ ...meanNats, fold: sumsOverAll }],
    maybe: ['deterministic', 'independent', 'resumes', 'rolls-back', 'folds-cut-free'],
  },
  {
    rule: 'folds-cut-free',
    fault: 'takes the mean of the means of batches',
    found: /nats is [\d.]+ over \d+ batches, [\d.]+ over one/,
    metrics: [{ ...meanNats, fold: meanOfMeans }],
  },
];
