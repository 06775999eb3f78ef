/** What metrics promise, whether a task declares them or an evaluator. */
import type { EvaluationScope, Metric, MetricSpec } from '@ligature/core';
import type { Calls } from '../harness/calls.js';
import { broken, Finding, notApplicable } from '../harness/finding.js';
import type { RuleSpec } from '../harness/rule.js';
import { difference, show } from '../harness/show.js';
import { folded, inOne, type Pass } from './passes.js';

export interface MetricSubject {
  readonly calls: Calls;
  /** Metrics that depend on how targets are cut into batches. */
  readonly batchMetrics: readonly string[];
  /** Of a fresh instance; empty where it has none. */
  metrics(): Promise<readonly Metric[]>;
  /** Scores of a pass; other ones for other seeds. */
  pass(seed: number): Promise<Pass>;
}

const declared: RuleSpec<MetricSubject> = {
  id: 'metrics-declared',
  must: 'metrics have names of their own, a unit and a direction',
  why: 'Tables, rankings and the signs of rewards follow from these and from nothing else',
  mend: 'Give each { name, unit, better: "lower" or "higher", fold }; the unit of a bare number is empty',
  check: async (subject) => {
    const metrics = await someMetrics(subject);
    for (const metric of metrics) assertSpec(metric);
    const names = metrics.map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) broken(`two metrics have the name "${twice}"`);
  },
};

function assertSpec(metric: MetricSpec & { readonly fold?: unknown }): void {
  const { name, unit, better, label, fold } = metric;
  if (typeof name !== 'string' || name === '') broken(`a metric has the name ${show(name)}`);
  if (typeof unit !== 'string') broken(`the unit of "${name}" is ${show(unit)}`);
  if (better !== 'lower' && better !== 'higher') broken(`of "${name}" better is ${show(better)}`);
  if (label !== undefined && typeof label !== 'string') broken(`the label of "${name}" is ${show(label)}`);
  if (typeof fold !== 'function') broken(`the fold of "${name}" is ${show(fold)}`);
}

const finite: RuleSpec<MetricSubject> = {
  id: 'metrics-finite',
  must: 'a fold gives a finite number, or undefined where the pass cannot say, also where the bytes of a text are not known',
  why: 'They are an event of the log, whose lines have no NaN, and the column by which runs are compared',
  mend: 'Return undefined where there is nothing to divide by',
  check: async (subject) => {
    for (const metric of await someMetrics(subject)) {
      for (const seed of [1, 2, 3]) {
        const { scores, scope } = await subject.pass(seed);
        const { bytes, ...rest } = scope;
        const scopes: EvaluationScope[] = [scope, rest, { ...rest, bytes: 0 }];
        for (const known of scopes) {
          const value = folded(metric, { scores, scope: known }, subject.calls);
          if (value !== undefined && !Number.isFinite(value))
            broken(`${metric.name} is ${show(value)} of a text of ${known.bytes ?? 'unknown'} bytes`);
        }
        const whole = { ...rest, bytes: bytes ?? 3 * scope.weight };
        if (folded(metric, { scores, scope: whole }, subject.calls) === undefined)
          broken(`${metric.name} cannot be said of a whole pass`);
      }
    }
  },
};

const independent: RuleSpec<MetricSubject> = {
  id: 'folds-independent',
  must: 'each fold starts from nothing, whatever others do, and leaves the scores as they are',
  why: 'Validation and test are folded one after another, and every metric gets the same scores: sums that go over would mix the splits',
  mend: 'Keep the sums inside of `fold`, and copy what is to be changed',
  check: async (subject) => {
    const { calls } = subject;
    const [one, other] = [await subject.pass(3), await subject.pass(4)];
    const metrics = await someMetrics(subject);
    const alone = [];
    for (const pass of [one, other]) {
      const fresh = await subject.metrics();
      alone.push(fresh.map((metric) => folded(metric, pass, calls)));
    }
    const copies = structuredClone({ one, other });
    const together = calls.now('folding two passes at once', () => {
      const folds = metrics.map((metric) => [metric.fold(), metric.fold()] as const);
      for (let at = 0; at < Math.max(one.scores.length, other.scores.length); at += 1) {
        for (const [first, second] of folds) {
          const [left, right] = [copies.one.scores[at], copies.other.scores[at]];
          if (left) first.add(left);
          if (right) second.add(right);
        }
      }
      return [
        folds.map(([first]) => first.finish(copies.one.scope)),
        folds.map(([, second]) => second.finish(copies.other.scope)),
      ];
    });
    const changed = difference({ one, other }, copies, ['at first', 'afterwards']);
    if (changed !== undefined) broken(`a fold changed the scores: ${changed}`);
    const again = [one, other].map((pass) => metrics.map((metric) => folded(metric, pass, calls)));
    alone.forEach((values, pass) => {
      values.forEach((value, at) => {
        const { name } = metrics[at]!;
        const found =
          difference(value, together[pass]![at], ['alone', 'beside another fold']) ??
          difference(value, again[pass]![at], ['alone', 'after another fold']);
        if (found !== undefined) broken(`${name}: ${found}`);
      });
    });
  },
};

/** Sums of some hundred float32 numbers in another order. */
const ROUNDING = 1e-5;

const cutting: RuleSpec<MetricSubject> = {
  id: 'folds-cut-free',
  must: 'a metric does not depend on how the targets are cut into batches, unless the check is told so',
  why: 'A batch that fits another machine, or a last one that is smaller, must not change the result',
  mend: 'Sum over targets and divide once by their number; name metrics that are means of batches in `batchMetrics`',
  check: async (subject) => {
    const pass = await subject.pass(5);
    for (const metric of await someMetrics(subject)) {
      if (subject.batchMetrics.includes(metric.name)) continue;
      const [cut, whole] = [folded(metric, pass, subject.calls), folded(metric, inOne(pass), subject.calls)];
      if (!close(cut, whole))
        broken(`${metric.name} is ${show(cut)} over ${pass.scores.length} batches, ${show(whole)} over one`);
    }
  },
};

function close(one: unknown, other: unknown): boolean {
  if (typeof one !== 'number' || typeof other !== 'number' || Number.isNaN(one)) return Object.is(one, other);
  return Math.abs(one - other) <= ROUNDING * Math.max(1, Math.abs(one));
}

/** @throws NotApplicable */
async function someMetrics({ metrics }: MetricSubject): Promise<readonly Metric[]> {
  const found: unknown = await metrics();
  if (!Array.isArray(found)) throw new Finding(`its metrics are ${show(found)}`, 'creates');
  return found.length > 0 ? (found as Metric[]) : notApplicable('it has no metrics');
}

export const metricRules: readonly RuleSpec<MetricSubject>[] = [declared, finite, independent, cutting];
