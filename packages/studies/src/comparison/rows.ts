/** From finished trials to the lines of the table. */
import type { MetricSpec, TrialResult } from '@ligature/core';
import { spreadOf, type Spread } from '../statistics/spread.js';
import type { ComparisonRow } from './types.js';

/** Share of the untied stack's parameters that a run's final map does without, 0..1. */
export function reductionOf({ ledger }: TrialResult): number {
  return 1 - ledger.uniqueParameters / ledger.totalParameters;
}

/**
 * Share of all operations, 0..1, that went into measurements for the controller and probes for rewards; of all tokens where
 * the model counts no operations.
 *
 * @returns `undefined` for a result of before it was counted
 */
export function measuringShare({
  measuring,
  trainingFlops = 0,
  tokens,
}: Pick<TrialResult, 'measuring' | 'trainingFlops' | 'tokens'>): number | undefined {
  if (!measuring) return undefined;
  const [measured, trained] =
    trainingFlops > 0 ? [measuring.flops, trainingFlops] : [measuring.tokens, tokens];
  return measured === 0 ? 0 : measured / (measured + trained);
}

/** One row per controller, in the order of `labels`; controllers without a finished trial have none. */
export function comparisonRows(
  labels: readonly string[],
  trials: readonly TrialResult[],
  metrics: readonly MetricSpec[],
  planned: readonly number[] = [...new Set(trials.map(({ seed }) => seed))],
): ComparisonRow[] {
  const primary = metrics[0]?.name ?? '';
  // Where nothing measures it, it says nothing about a trial.
  const known = trials.some(({ test }) => test[primary] !== undefined);
  const isMeasured = ({ validation, test }: TrialResult): boolean =>
    !known || [validation, test].every((split) => Number.isFinite(split[primary]));
  return labels.flatMap((label) => {
    const own = trials.filter(({ controller }) => controller === label);
    if (own.length === 0) return [];
    const over = (pick: (trial: TrialResult) => number): Spread => spreadOf(own.map(pick));
    const split = (name: 'validation' | 'test'): Record<string, Spread> =>
      Object.fromEntries(
        metrics.map((metric) => [metric.name, over((trial) => trial[name][metric.name] ?? Number.NaN)]),
      );
    return [
      {
        controller: label,
        seeds: own.map(({ seed }) => seed),
        planned: planned.length,
        measured: own.filter(isMeasured).length,
        tokens: over(({ tokens }) => tokens),
        validation: split('validation'),
        test: split('test'),
        independentLayers: over(({ ledger }) => ledger.independentLayers),
        uniqueParameters: over(({ ledger }) => ledger.uniqueParameters),
        trainableParameters: over(({ ledger }) => ledger.trainableParameters),
        reduction: over(reductionOf),
        ...(own.some(({ measuring }) => measuring) && {
          measuring: {
            tokens: over(({ measuring }) => measuring?.tokens ?? Number.NaN),
            flops: over(({ measuring }) => measuring?.flops ?? Number.NaN),
            share: over((one) => measuringShare(one) ?? Number.NaN),
          },
        }),
        peakBackendBytes: over(({ memory }) => memory.backendBytes),
        peakResidentBytes: over(({ memory }) => memory.residentBytes),
        tokensPerSecond: over(({ tokensPerSecond }) => tokensPerSecond),
        tieMaps: own.map(({ tieMap }) => tieMap),
      },
    ];
  });
}
