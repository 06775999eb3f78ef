/** What was meant to be shown, and what was found of it. */
import {
  InputError,
  unknownName,
  type MetricSpec,
  type PlannedContrast,
  type RunConfig,
} from '@ligature/core';
import { controllerLabel } from '@ligature/run';
import type { ControlComparison } from '../statistics/comparison-statistics.js';
import { judge, type Judgement } from '../statistics/findings.js';
import { evidenceOf, pairedDifference } from '../statistics/paired.js';
import { powerOf } from '../statistics/power.js';
import type { ComparisonRow } from './types.js';

/** A contrast of the plan with its finding: of the first controller minus the second. */
export interface FoundContrast extends ControlComparison {
  readonly metric: MetricSpec;
  readonly margin: number | null;
  /** The text that it is about; `null`: all of them. */
  readonly dataset: string | null;
  /** With which a difference as large as the margin would have been shown; `null` without a margin or a test. */
  readonly marginPower: number | null;
}

export interface FoundPlan {
  readonly question: string;
  readonly primary: FoundContrast;
  /** Corrected after Holm among themselves. */
  readonly secondary: readonly FoundContrast[];
}

/**
 * A plan whose controllers and texts are called as the comparison calls them.
 *
 * @param read a controller as a command line writes it
 * @param metrics those of the task
 * @param texts labels of the datasets; empty where there is one
 * @throws InputError (`plan-invalid`, `unknown-contrast`, `unknown-metric`, and those of `read`)
 */
export function settledPlan(
  config: RunConfig,
  metrics: readonly MetricSpec[],
  texts: readonly string[],
  read: (text: string, flag: string) => RunConfig['controller'],
): RunConfig {
  const { plan, compare } = config;
  if (plan === undefined) return config;
  const labels = compare.controllers.map(controllerLabel);
  const named = (text: string, place: string): string => {
    const label = controllerLabel(read(text, place));
    if (labels.includes(label)) return label;
    throw unknownName('contrast', label, labels, `name controllers of compare.controllers in ${place}`);
  };
  const settled = (one: PlannedContrast, place: string): PlannedContrast => {
    const [of, against] = [named(one.of, `${place}.of`), named(one.against, `${place}.against`)];
    if (of === against) throw invalid(place, `${of} is set against itself`, 'Name two controllers');
    const names = metrics.map(({ name }) => name);
    if (one.metric !== null && !names.includes(one.metric))
      throw unknownName('metric', one.metric, names, `see ${place}.metric`);
    if (one.dataset !== null && !texts.includes(one.dataset)) {
      if (texts.length === 0)
        throw invalid(place, 'it names a dataset, and there is one alone', `Leave out ${place}.dataset`);
      throw unknownName('contrast', one.dataset, texts, `name a dataset of compare.datasets in ${place}`);
    }
    return { ...one, of, against };
  };
  return {
    ...config,
    plan: {
      ...plan,
      primary: settled(plan.primary, 'plan.primary'),
      secondary: plan.secondary.map((one, index) => settled(one, `plan.secondary[${index}]`)),
    },
  };
}

const invalid = (place: string, found: string, todo: string): InputError =>
  new InputError('plan-invalid', { asked: `Plan the contrast ${place}`, found, todo });

export interface ToJudge {
  readonly config: RunConfig;
  readonly metrics: readonly MetricSpec[];
  /** Seeds of every controller. */
  readonly seeds: readonly number[];
  /** The rows of one text, or of all pooled. */
  rowsOf(dataset: string | null): readonly ComparisonRow[];
}

/** The primary contrast is one test; the secondary ones are a family. `undefined` without a plan. */
export function foundPlan({ config, metrics, seeds, rowsOf }: ToJudge): FoundPlan | undefined {
  const { plan, compare } = config;
  if (plan === undefined) return undefined;
  const prepared = (one: PlannedContrast) => {
    const metric = metrics.find(({ name }) => name === one.metric) ?? (metrics[0] as MetricSpec);
    const rows = rowsOf(one.dataset);
    const series = (controller: string) => {
      const row = rows.find((candidate) => candidate.controller === controller);
      return { controller, seeds: row?.seeds ?? [], values: row?.test[metric.name]?.values ?? [] };
    };
    const [first, second] = [series(one.of), series(one.against)];
    const pair = pairedDifference(first, second, seeds);
    // A margin of the table is one of the task's first metric.
    const margin = one.margin ?? (metric === metrics[0] ? compare.margin : null);
    const by = { better: metric.better, margin };
    const evidence = { ...evidenceOf(pair, first, second), by };
    return { metric, margin, dataset: one.dataset, pair, evidence };
  };
  const family = (contrasts: readonly PlannedContrast[]): FoundContrast[] => {
    const all = contrasts.map(prepared);
    const found = judge(all.map(({ evidence }) => evidence));
    return all.map(({ metric, margin, dataset, pair }, index) => {
      const judged = found[index] as Judgement;
      return { ...pair, ...judged, metric, margin, dataset, marginPower: powerForMargin(judged, margin) };
    });
  };
  return {
    question: plan.question,
    primary: family([plan.primary])[0] as FoundContrast,
    secondary: family(plan.secondary),
  };
}

function powerForMargin({ interval, sensitivity }: Judgement, margin: number | null): number | null {
  const deviation = interval?.standardDeviation ?? null;
  if (margin === null || interval === null || sensitivity === null || deviation === null || deviation === 0)
    return null;
  return powerOf(margin / deviation, interval.n, sensitivity.level);
}
