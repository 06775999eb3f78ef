/** Metrics against scikit-learn and scipy on recorded predictions: see fixtures/metrics/make_fixtures.py. */
import { readFileSync } from 'node:fs';
import type { BatchScores, Metric } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { accuracy } from '../../src/metrics.js';
import { f1, matthews } from '../../src/metrics/classes.js';
import { meanSquaredErrorMetric, pearson, spearman } from '../../src/metrics/numbers.js';
import { averageRanks } from '../../src/metrics/ranks.js';

interface Case {
  readonly name: string;
  readonly label: readonly number[];
  readonly predicted: readonly number[];
}
type ClassCase = Case & { readonly classes: number } & Readonly<
    Record<'accuracy' | 'f1' | 'matthews', number>
  >;
type NumberCase = Case & Readonly<Record<'pearson' | 'spearman' | 'meanSquaredError', number | null>>;

const fixture = JSON.parse(
  readFileSync(new URL('../fixtures/metrics/metrics.json', import.meta.url), 'utf8'),
) as { classification: ClassCase[]; regression: NumberCase[] };

/** Cut into batches of seven, the last one smaller. */
function batches({ label, predicted }: Case): BatchScores[] {
  const made: BatchScores[] = [];
  for (let at = 0; at < label.length; at += 7) {
    const columns = {
      label: Float32Array.from(label.slice(at, at + 7)),
      predicted: Float32Array.from(predicted.slice(at, at + 7)),
    };
    const correct = columns.label.map((one, target) => Number(one === columns.predicted[target]));
    made.push({ weight: correct.length, columns: { ...columns, correct } });
  }
  return made;
}

function folded(metric: Metric, scores: readonly BatchScores[]): number | undefined {
  const fold = metric.fold();
  for (const one of scores) fold.add(one);
  return fold.finish({ split: 'validation', weight: scores.reduce((sum, { weight }) => sum + weight, 0) });
}

function same(found: number | undefined, wanted: number | null): void {
  if (wanted === null) return void expect(found).toBeUndefined();
  expect(Math.abs((found as number) - wanted)).toBeLessThanOrEqual(1e-13 * Math.max(1, Math.abs(wanted)));
}

describe('equal to scikit-learn and scipy', () => {
  it.each(fixture.classification.map((one) => [one.name, one] as const))('%s', (_, one) => {
    const scores = batches(one);
    same(folded(accuracy(), scores), one.accuracy);
    same(
      folded(
        f1(() => one.classes),
        scores,
      ),
      one.f1,
    );
    same(folded(matthews(), scores), one.matthews);
  });

  it.each(fixture.regression.map((one) => [one.name, one] as const))('%s', (_, one) => {
    const scores = batches(one);
    same(folded(pearson(), scores), one.pearson);
    same(folded(spearman(), scores), one.spearman);
    same(folded(meanSquaredErrorMetric(), scores), one.meanSquaredError);
  });

  it('has cases that tell the two kinds of F1 apart, and cases of which nothing can be said', () => {
    const counts = new Set(fixture.classification.map(({ classes }) => classes));
    expect([...counts]).toEqual(expect.arrayContaining([2, 3]));
    expect(fixture.regression.filter((one) => one.pearson === null).length).toBeGreaterThan(1);
  });
});

describe('edges', () => {
  it('takes as many classes as a pass says where nobody says it', () => {
    const three: Case = { name: '', label: [0, 1, 2], predicted: [0, 2, 2] };
    expect(folded(f1(), batches(three))).toBeCloseTo((1 + 0 + 2 / 3) / 3, 12);
    const two: Case = { name: '', label: [0, 1, 1], predicted: [0, 0, 1] };
    expect(folded(f1(), batches(two))).toBeCloseTo(2 / 3, 12);
  });

  it('says nothing of no target', () => {
    for (const metric of [f1(), matthews(), pearson(), spearman(), meanSquaredErrorMetric()])
      expect(folded(metric, [])).toBeUndefined();
  });

  it('refuses scores in which some target does not count, and scores without the column', () => {
    const half = { weight: 1, columns: { label: Float32Array.of(1, 0), predicted: Float32Array.of(1, 0) } };
    expect(() => folded(f1(), [half])).toThrow(expect.objectContaining({ code: 'targets-uncounted' }));
    const none = { weight: 1, columns: { nats: Float32Array.of(1) } };
    expect(() => folded(pearson(), [none])).toThrow(expect.objectContaining({ code: 'score-missing' }));
  });

  it('gives equal values the mean of their ranks', () => {
    // scipy.stats.rankdata([10, 20, 10, 30, 20, 20]) -> [1.5, 4, 1.5, 6, 4, 4]
    expect(averageRanks([10, 20, 10, 30, 20, 20])).toEqual([1.5, 4, 1.5, 6, 4, 4]);
  });
});
