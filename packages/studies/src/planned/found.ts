/** What was found of what a study was planned to show. */
import type { KeptPlan, MetricSpec, PlannedContrast, RunConfig } from '@ligature/core';
import type { ControlComparison } from '../statistics/comparison-statistics.js';
import { judge, type Judgement } from '../statistics/findings.js';
import { evidenceOf, pairedDifference, type SeededValues } from '../statistics/paired.js';
import { powerOf } from '../statistics/power.js';

/** A contrast of the plan with its finding: of the first minus the second. */
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

/** What a study with a plan says of it. */
export interface Planned {
  /** What was planned and what was found of it; `null` without a plan. */
  readonly plan: FoundPlan | null;
  /** How the plan is kept; `null` without one. */
  readonly keptPlan: KeptPlan | null;
}

export interface ToJudge {
  readonly config: Pick<RunConfig, 'plan' | 'compare'>;
  readonly metrics: readonly MetricSpec[];
  /** Seeds of everything that is set against each other. */
  readonly seeds: readonly number[];
  /** A metric on the test split; `name` is one that the plan was settled with, `dataset` is `null` for all texts pooled. */
  valuesOf(name: string, metric: MetricSpec, dataset: string | null): Omit<SeededValues, 'controller'>;
}

/** The primary contrast is one test; the secondary ones are a family. `undefined` without a plan. */
export function foundPlan({ config, metrics, seeds, valuesOf }: ToJudge): FoundPlan | undefined {
  const { plan, compare } = config;
  if (plan === undefined) return undefined;
  const prepared = ({ of, against, ...one }: PlannedContrast) => {
    const metric = metrics.find(({ name }) => name === one.metric) ?? (metrics[0] as MetricSpec);
    const series = (name: string): SeededValues => ({
      controller: name,
      ...valuesOf(name, metric, one.dataset),
    });
    const [first, second] = [series(of), series(against)];
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
