/** Evaluation passes for metrics to fold: made-up scores of targets, cut into batches. */
import { createRandomStream } from '@ligature/core';
import type { BatchScores, EvaluationScope, Metric, RandomStream } from '@ligature/core';
import type { Calls } from '../harness/calls.js';

/** A score of one target, by the name of its column. */
export type Columns = Readonly<Record<string, (random: RandomStream) => number>>;

/** Those of a language model: nats of each target, and 1 where the most likely token is the right one. */
export const USUAL_COLUMNS: Columns = {
  nats: (random) => 1 + 4 * random.uniform(),
  correct: (random) => random.integer(0, 2),
};

export interface Pass {
  readonly scores: readonly BatchScores[];
  readonly scope: EvaluationScope;
}

/** Targets of a pass: six full batches and a small one. */
const TARGETS = 197;
const BATCH = 32;

/** Some of the targets do not count. */
export function passOf(columns: Columns, seed: number, number: number): Pass {
  const random = createRandomStream(seed, `pass ${number}`);
  const targets = Array.from({ length: TARGETS }, () => {
    const counts = random.uniform() < 0.9;
    return {
      weight: Number(counts),
      values: Object.values(columns).map((draw) => (counts ? draw(random) : 0)),
    };
  });
  const scores = Array.from({ length: Math.ceil(TARGETS / BATCH) }, (_, at): BatchScores => {
    const rows = targets.slice(at * BATCH, (at + 1) * BATCH);
    return {
      weight: rows.reduce((sum, { weight }) => sum + weight, 0),
      columns: Object.fromEntries(
        Object.keys(columns).map((name, place) => [
          name,
          Float32Array.from(rows, ({ values }) => values[place]!),
        ]),
      ),
    };
  });
  const weight = scores.reduce((sum, one) => sum + one.weight, 0);
  return { scores, scope: { split: 'validation', weight, bytes: 3 * weight + 1 } };
}

/** The same targets in one batch. */
export function inOne({ scores, scope }: Pass): Pass {
  const names = Object.keys(scores[0]!.columns);
  const columns = names.map((name): [string, Float32Array] => [
    name,
    Float32Array.from(scores.flatMap((one) => Array.from(one.columns[name]!))),
  ]);
  return { scope, scores: [{ weight: scope.weight, columns: Object.fromEntries(columns) }] };
}

/** What a metric makes of a pass; copies, so that nobody changes it for the next one. */
export function folded(metric: Metric, { scores, scope }: Pass, calls: Calls): unknown {
  return calls.now(`folding ${metric.name}`, () => {
    const fold = metric.fold();
    for (const one of scores) fold.add(structuredClone(one));
    return fold.finish({ ...scope });
  });
}
