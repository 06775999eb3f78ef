/**
 * Several texts together. They are chosen, not drawn, so they are blocks: what is pooled is the mean of a number over
 * them, seed by seed, and the seeds are what varies. A seed gives all texts the same initial weights and the same draws
 * of a controller, so its differences on two texts are no two independent ones, and count as one
 * (docs/decisions/0032-plans-texts-and-sources.md).
 */
import type { TrialResult } from '@ligature/core';
import { mean } from 'simple-statistics';

/**
 * A line for each controller and seed that finished on every text, with means over the texts; those of other seeds are
 * missing in the pooled numbers.
 *
 * @param texts the trials of each text, called as the controllers are
 */
export function pooledTrials(texts: readonly (readonly TrialResult[])[]): TrialResult[] {
  const [first = [], ...others] = texts;
  return first.flatMap((trial) => {
    const same = others.map((text) =>
      text.find(({ controller, seed }) => controller === trial.controller && seed === trial.seed),
    );
    const all = [trial, ...same.filter((one) => one !== undefined)];
    return all.length === texts.length ? [pooled(all as [TrialResult, ...TrialResult[]])] : [];
  });
}

function pooled(all: readonly [TrialResult, ...TrialResult[]]): TrialResult {
  const [first] = all;
  const over = (pick: (trial: TrialResult) => number): number => mean(all.map(pick));
  const split = (name: 'validation' | 'test'): TrialResult['test'] =>
    Object.fromEntries(
      Object.keys(first[name]).map((metric) => [metric, over((trial) => trial[name][metric] ?? Number.NaN)]),
    );
  const { ledger } = first;
  return {
    ...first,
    tokens: over(({ tokens }) => tokens),
    validation: split('validation'),
    test: split('test'),
    ledger: {
      ...ledger,
      independentLayers: over((trial) => trial.ledger.independentLayers),
      uniqueParameters: over((trial) => trial.ledger.uniqueParameters),
      trainableParameters: over((trial) => trial.ledger.trainableParameters),
      totalParameters: over((trial) => trial.ledger.totalParameters),
    },
    // Sizes are those of a text, and it is no one text.
    data: {},
    tokensPerSecond: over(({ tokensPerSecond }) => tokensPerSecond),
    trainingSeconds: over(({ trainingSeconds }) => trainingSeconds),
  };
}
