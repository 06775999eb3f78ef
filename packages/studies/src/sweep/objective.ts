/** What a sweep ranks by: a number of each finished trial, and whether less or more of it is better. */
import { unknownName, type RunConfig } from '@ligature/core';
import type { TrialResult } from '@ligature/run';
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

/** What our own evaluators say of a split. */
const OF_SPLIT = ['nats', 'perplexity', 'bitsPerByte', 'accuracy'];
const OWN_EVALUATORS = ['perplexity', 'accuracy', 'memory', 'throughput', 'diagnostics'];
const OBJECTIVES = [
  ...['validation', 'test'].flatMap((split) => OF_SPLIT.map((metric) => `${split}.${metric}`)),
  ...Object.keys(COSTS),
];
const MAXIMIZED = ['accuracy', 'tokensPerSecond'];

/**
 * The objective that a configuration names, before anything runs.
 *
 * @throws InputError (`unknown-objective`) for what no trial will have; evaluators of plug-ins may measure anything
 */
export function objectiveOf(
  metric: string,
  goal: SweepObjective['goal'] | null,
  { evaluation }: Pick<RunConfig, 'evaluation'>,
): SweepObjective {
  const ownOnly = evaluation.evaluators.every(({ name }) => OWN_EVALUATORS.includes(name));
  const measured = /^summary\../.test(metric) || (!ownOnly && /^(validation|test)\../.test(metric));
  if (!OBJECTIVES.includes(metric) && !measured) throw unknownName('objective', metric, OBJECTIVES);
  const last = metric.slice(metric.lastIndexOf('.') + 1);
  return { metric, goal: goal ?? (MAXIMIZED.includes(last) ? 'maximize' : 'minimize') };
}

/** NaN where it was not measured. */
export function objectiveValue(metric: string, trial: TrialResult): number {
  const cost = COSTS[metric];
  if (cost) return cost(trial);
  const at = metric.indexOf('.');
  const part = metric.slice(0, at) as 'validation' | 'test' | 'summary';
  return trial[part][metric.slice(at + 1)] ?? Number.NaN;
}
