/** From the trials of a sweep to what it says: rows, the choice among them, a note. */
import type { FinishedTrial, MetricSpec, StudyOutcome, TrialResult } from '@ligature/core';
import { foundPlan, type Planned } from '../planned/found.js';
import { withPlanned } from '../planned/words.js';
import { sharedFloors } from '../presentation/floors.js';
import { settingOf } from '../presentation/words.js';
import { CONFIDENCE } from '../statistics/findings.js';
import { meanInterval } from '../statistics/student.js';
import { choiceOf } from './choice.js';
import { noteOf } from './note.js';
import { objectiveValue, ofSplit } from './objective.js';
import { sweepTrialId, type SweepPlan } from './plan.js';
import { sweepValueText } from './value-text.js';
import type { Sweep, SweepConfiguration, SweepNumber, SweepRow } from './types.js';

export function summarizeSweep(
  plan: SweepPlan,
  {
    config,
    trials,
    finished,
    failed,
    plan: kept,
  }: Pick<StudyOutcome, 'config' | 'trials' | 'finished' | 'failed' | 'plan'>,
): Sweep {
  const setting = settingOf(config, finished[0]?.result);
  const primary = setting.task.metrics[0] as MetricSpec;
  const { configurations, objective, seeds, search, fields, axes } = plan;
  const rows = configurations
    .flatMap((one) => rowOf(one, objective.metric, primary, finished))
    .sort(
      (a, b) =>
        // A mean over fewer seeds than the others' is not ranked; it stands below.
        b.objective.n - a.objective.n || order(objective.goal, a.objective.mean, b.objective.mean),
    );
  const sweep: Omit<Sweep, 'note'> = {
    format: 2,
    ...setting,
    floors: sharedFloors(finished.map(({ result }) => result)),
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
    unfinished: trials.length - finished.length - failed.length,
    // A margin is one of the task's first metric.
    choice: choiceOf(
      rows,
      objective,
      seeds,
      ofSplit(primary.name).includes(objective.metric) ? config.compare.margin : null,
    ),
    plan: null,
    keptPlan: null,
    axes,
    config,
  };
  const found = foundPlan({
    ...{ config, metrics: setting.task.metrics, seeds },
    valuesOf(label, { name }) {
      const id = configurations.find((one) => one.label === label)?.id;
      const own = id === undefined ? [] : resultsOf(id, finished);
      return { seeds: own.map(({ seed }) => seed), values: own.map(({ test }) => test[name] ?? Number.NaN) };
    },
  });
  const planned: Planned = { plan: found ?? null, keptPlan: (found && kept) ?? null };
  return { ...sweep, ...planned, note: withPlanned(noteOf(sweep), planned, finished.length) };
}

/** By the trial's id, which holds the number of the configuration: labels are for people. */
const resultsOf = (id: number, finished: readonly FinishedTrial[]): TrialResult[] =>
  finished.filter(({ trial }) => trial.id === sweepTrialId(id, trial.seed)).map(({ result }) => result);

function rowOf(
  { id, label, values }: SweepConfiguration,
  metric: string,
  { name }: MetricSpec,
  finished: readonly FinishedTrial[],
): SweepRow[] {
  const own = resultsOf(id, finished);
  if (own.length === 0) return [];
  const over = (read: (trial: TrialResult) => number): SweepNumber => numberOf(own.map(read));
  return [
    {
      ...{ id, label, values, texts: values.map(sweepValueText) },
      seeds: own.map(({ seed }) => seed),
      objective: over((trial) => objectiveValue(metric, trial)),
      validation: over(({ validation }) => validation[name] ?? Number.NaN),
      test: over(({ test }) => test[name] ?? Number.NaN),
      uniqueParameters: over(({ ledger }) => ledger.uniqueParameters),
      independentLayers: over(({ ledger }) => ledger.independentLayers),
      tokensPerSecond: over(({ tokensPerSecond }) => tokensPerSecond),
      floors: sharedFloors(own),
      tieMaps: own.map(({ tieMap }) => tieMap),
      folders: own.map(({ seed }) => sweepTrialId(id, seed)),
    },
  ];
}

function numberOf(values: readonly number[]): SweepNumber {
  const finite = values.filter(Number.isFinite);
  const nothing = { n: 0, mean: Number.NaN, standardDeviation: null, low: null, high: null };
  return { ...(finite.length > 0 ? meanInterval(finite, CONFIDENCE) : nothing), values };
}

/** Best first; what was not measured comes last. */
function order(goal: 'minimize' | 'maximize', a: number, b: number): number {
  if (!Number.isFinite(a) || !Number.isFinite(b))
    return Number(!Number.isFinite(a)) - Number(!Number.isFinite(b));
  return goal === 'minimize' ? a - b : b - a;
}
