/** From the trials of a sweep to what it says: rows, the choice among them, a note. */
import type { RunConfig } from '@ligature/core';
import type { TrialResult } from '@ligature/run';
import type { FailedTrial } from '../results.js';
import type { FinishedTrial } from '../run-trials.js';
import { CONFIDENCE } from '../statistics/comparison-statistics.js';
import { meanInterval } from '../statistics/student.js';
import { choiceOf } from './choice.js';
import { noteOf } from './note.js';
import { objectiveValue } from './objective.js';
import { planSweep, sweepFolderName, type SweepPlan } from './plan.js';
import { sweepValueText } from './value-text.js';
import type { Sweep, SweepConfiguration, SweepNumber, SweepRow } from './types.js';

/**
 * @param finished trials that were completed
 * @param failed those that were not, by the labels of their configurations
 */
export function summarizeSweep(
  config: RunConfig,
  plan: SweepPlan,
  finished: readonly FinishedTrial[],
  failed: readonly FailedTrial[],
): Sweep {
  const { configurations, objective, seeds, search, fields, axes } = plan;
  const rows = configurations
    .flatMap((one) => rowOf(one, objective.metric, finished))
    .sort(
      (a, b) =>
        // A mean over fewer seeds than the others' is not ranked; it stands below.
        b.seeds.length - a.seeds.length || order(objective.goal, a.objective.mean, b.objective.mean),
    );
  const [first] = finished.map(({ result }) => result);
  const sweep: Omit<Sweep, 'note'> = {
    format: 1,
    dataset: config.dataset.name,
    tokenizer: config.tokenizer.name,
    vocabularySize: first?.text.vocabularySize ?? 0,
    backend: first ? `${first.backend.name} (${first.backend.detail})` : config.backend.name,
    search,
    fields,
    objective,
    seeds,
    configurations: configurations.length,
    rows,
    failed: failed.map(({ controller: label, seed, message }) => ({
      id: configurations.find((one) => one.label === label)?.id ?? 0,
      ...{ label, seed, message },
    })),
    unfinished: planSweep(plan).length - finished.length - failed.length,
    choice: choiceOf(rows, objective),
    axes,
    config,
  };
  return { ...sweep, note: noteOf(sweep) };
}

function rowOf(
  { id, label, values }: SweepConfiguration,
  metric: string,
  finished: readonly FinishedTrial[],
): SweepRow[] {
  // By folder, which holds the number of the configuration: labels are for people.
  const own = finished
    .filter(({ plan }) => plan.folderName === sweepFolderName(id, plan.seed))
    .map(({ result }) => result);
  if (own.length === 0) return [];
  const over = (read: (trial: TrialResult) => number): SweepNumber => numberOf(own.map(read));
  return [
    {
      ...{ id, label, values, texts: values.map(sweepValueText) },
      seeds: own.map(({ seed }) => seed),
      objective: over((trial) => objectiveValue(metric, trial)),
      validationNats: over(({ validation }) => validation['nats'] ?? Number.NaN),
      testNats: over(({ test }) => test['nats'] ?? Number.NaN),
      uniqueParameters: over(({ ledger }) => ledger.uniqueParameters),
      independentLayers: over(({ ledger }) => ledger.independentLayers),
      tokensPerSecond: over(({ tokensPerSecond }) => tokensPerSecond),
      tieMaps: own.map(({ tieMap }) => tieMap),
      folders: own.map(({ seed }) => sweepFolderName(id, seed)),
    },
  ];
}

const numberOf = (values: readonly number[]): SweepNumber => ({
  ...meanInterval(values, CONFIDENCE),
  values,
});

/** Best first; what was not measured comes last. */
function order(goal: 'minimize' | 'maximize', a: number, b: number): number {
  if (!Number.isFinite(a) || !Number.isFinite(b))
    return Number(!Number.isFinite(a)) - Number(!Number.isFinite(b));
  return goal === 'minimize' ? a - b : b - a;
}
