/** What a sweep ranks by: a number of each finished trial, and whether less or more of it is better. */
import { InputError, unknownName, type MetricSpec, type RunConfig, type TrialResult } from '@ligature/core';
import type { SweepObjective } from './types.js';

type Read = (trial: TrialResult) => number;

/** Numbers that every trial has. */
const COSTS: Readonly<Record<string, Read>> = {
  parameters: ({ ledger }) => ledger.uniqueParameters,
  trainableParameters: ({ ledger }) => ledger.trainableParameters,
  independentLayers: ({ ledger }) => ledger.independentLayers,
  tokensPerSecond: ({ tokensPerSecond }) => tokensPerSecond,
  trainingSeconds: ({ trainingSeconds }) => trainingSeconds,
  peakMemory: ({ memory }) => memory.residentBytes,
  peakTensors: ({ memory }) => memory.backendBytes,
};

export const SPLITS = ['validation', 'test'] as const;
const OWN_EVALUATORS = ['memory', 'throughput', 'diagnostics'];
/** Costs of which more is better. */
const GAINS = ['tokensPerSecond'];

/**
 * The objective that a configuration names, before anything runs; the task's first metric where it names none.
 *
 * @param metrics those of its task
 * @throws InputError (`unknown-objective` for what no trial will have; evaluators of plug-ins may measure anything;
 *   `objective-on-test`)
 */
export function objectiveOf(
  asked: string | null,
  goal: SweepObjective['goal'] | null,
  { evaluation }: Pick<RunConfig, 'evaluation'>,
  metrics: readonly MetricSpec[],
): SweepObjective {
  const ofSplits = SPLITS.flatMap((split) => metrics.map(({ name }) => `${split}.${name}`));
  const known = [...ofSplits, ...Object.keys(COSTS)];
  const metric = asked ?? (ofSplits[0] as string);
  const ownOnly = evaluation.evaluators.every(({ name }) => OWN_EVALUATORS.includes(name));
  const measured = /^summary\../.test(metric) || (!ownOnly && /^(validation|test)\../.test(metric));
  if (!known.includes(metric) && !measured) throw unknownName('objective', metric, known);
  if (metric.startsWith('test.')) throw onTest(metric);
  const better = metrics.find(({ name }) => ofSplit(name).includes(metric))?.better;
  return { metric, goal: goal ?? (better === 'higher' || GAINS.includes(metric) ? 'maximize' : 'minimize') };
}

const onTest = (metric: string): InputError =>
  new InputError('objective-on-test', {
    asked: `Rank by ${metric}`,
    found: 'the test split says what a choice is worth only as long as it has no part in it',
    todo: `Rank by ${metric.replace(/^test/, 'validation')}; the table has the test split beside it`,
  });

/** What objectives call a metric of the task, and no other name that ends alike. */
export const ofSplit = (metric: string): readonly string[] => SPLITS.map((split) => `${split}.${metric}`);

/** NaN where it was not measured. */
export function objectiveValue(metric: string, trial: TrialResult): number {
  const cost = COSTS[metric];
  if (cost) return cost(trial);
  const at = metric.indexOf('.');
  const part = metric.slice(0, at) as 'validation' | 'test' | 'summary';
  return trial[part][metric.slice(at + 1)] ?? Number.NaN;
}
