/** Judging answers as the official scripts do, to the last digit: see fixtures/squad/make_fixtures.py. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  bestOver,
  exactMatch,
  normalized,
  wordF1,
  type Rules,
} from '../../src/question-answering/official.js';
import { questionMetrics, SCORES } from '../../src/question-answering/metrics.js';

interface Case {
  readonly golds: readonly string[];
  readonly predicted: string;
  readonly normalized?: string;
  readonly exact: number;
  readonly f1: number;
}
const judged = JSON.parse(
  readFileSync(new URL('../fixtures/squad/judged.json', import.meta.url), 'utf8'),
) as Record<
  'one' | 'two',
  { readonly cases: readonly Case[]; readonly all: Readonly<Record<string, number>> }
>;

describe.each([
  ['1.1', judged.one, 'exact_match'],
  ['2.0', judged.two, 'exact'],
] as const)('as the script of version %s', (rules: Rules, { cases, all }, exact) => {
  it('each answer', () => {
    for (const { golds, predicted, ...wanted } of cases) {
      const found = {
        ...(wanted.normalized !== undefined && { normalized: normalized(predicted) }),
        exact: bestOver(golds, rules, (gold) => exactMatch(predicted, gold)),
        f1: bestOver(golds, rules, (gold) => wordF1(predicted, gold, rules)),
      };
      expect({ golds, predicted, ...found }).toEqual({ golds, predicted, ...wanted });
    }
  });

  it('all of them, folded as windows', () => {
    // Each prediction is the context of its question, all of which is said; an empty one says nothing.
    const questions = cases.map(({ golds, predicted }) => ({
      context: {
        text: `.${predicted}.`,
        ids: Int32Array.of(0),
        starts: Int32Array.of(1),
        ends: Int32Array.of(1 + predicted.length),
      },
      answers: golds,
    }));
    const column = (of: (at: number) => number): Float32Array => Float32Array.from(cases.keys(), of);
    const none = column(() => 0);
    const columns = { ...Object.fromEntries(SCORES.map((name) => [name, none])), windows: column(() => 1) };
    const folded = questionMetrics(() => ({ rules, nullThreshold: 0, questions })).map(({ name, fold }) => {
      const one = fold();
      one.add({ weight: cases.length, columns: { ...columns, question: column((at) => at + 1) } });
      return [name, one.finish({ split: 'test', weight: cases.length })];
    });
    const found = Object.fromEntries(folded) as Record<string, number>;
    expect(100 * found['exactMatch']!).toBeCloseTo(all[exact]!, 11);
    expect(100 * found['f1']!).toBeCloseTo(all['f1']!, 11);
  });
});

it('tells the two versions apart by answers of which nothing is left', () => {
  expect([wordF1('the', 'a', '1.1'), wordF1('the', 'a', '2.0')]).toEqual([0, 1]);
  expect(bestOver(['the', 'x'], '2.0', (gold) => exactMatch('', gold))).toBe(0);
  expect(bestOver(['the', 'x'], '1.1', (gold) => exactMatch('', gold))).toBe(1);
});
