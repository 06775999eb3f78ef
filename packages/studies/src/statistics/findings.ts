/**
 * What differences by seed show, one verdict for each: the only place where a difference becomes a finding. The rules
 * are those of docs/decisions/0031-missing-trials-and-claims.md.
 */
import type { MetricSpec } from '@ligature/core';
import { holmCorrected } from './holm.js';
import { detectableEffect, MOST_SEEDS, pairsFor, POWER } from './power.js';
import {
  equivalenceTest,
  meanInterval,
  oneSampleTest,
  resolutionOf,
  type MeanInterval,
  type OneSampleTest,
} from './student.js';

/** Confidence of every interval; a difference is shown where the corrected p is below one minus it. */
export const CONFIDENCE = 0.95;

const ALPHA = 1 - CONFIDENCE;

/**
 * Pairs below which there is a test but no finding: with two, the noise is the distance of one number from another, and
 * differences that happen to lie close together would be told from zero with any certainty.
 */
export const FEWEST_PAIRS = 3;

/**
 * `lower`, `higher`: than what it was set against, and shown so. `equivalent`: shown to lie within the margin that was
 * named before. `no-difference`: neither is shown, which does not mean that there is none. `identical`: equal to the last
 * digit on every seed. `incomplete`: the seeds that both finished would show it, but trials of the side that it favours
 * are missing. `untested`: fewer than three pairs.
 */
export type Finding =
  'lower' | 'higher' | 'equivalent' | 'no-difference' | 'identical' | 'incomplete' | 'untested';

/** What one test is made of: first minus second, pair by pair. */
export interface Evidence {
  /** Finite. */
  readonly differences: readonly number[];
  /** What they are differences of, for the resolution of the measurement; left out: the differences themselves. */
  readonly measured?: readonly number[];
  /** Trials that were planned and gave no number, of either side; left out: none. */
  readonly missing?: { readonly first: number; readonly second: number };
  /** Of this one alone, in place of the family's. */
  readonly by?: JudgedBy;
}

/** What this many pairs could have shown, at the observed standard deviation of the differences. */
export interface Sensitivity {
  /** The level that the smallest p-value of the family has to stay below: Holm's first step. */
  readonly level: number;
  readonly power: number;
  /** The smallest true difference that is shown with that power. */
  readonly detectable: number;
  /** Pairs that show a difference as large as the margin with that power; `null` without a margin, or above 10 000. */
  readonly pairsForMargin: number | null;
}

export interface EquivalenceTest {
  readonly margin: number;
  /** Of two one-sided tests. */
  readonly p: number;
  /** Holm's correction over the family. */
  readonly correctedP: number;
}

export interface Judgement {
  /** `null` without a pair. */
  readonly interval: MeanInterval | null;
  /** `null` below two pairs. */
  readonly test: OneSampleTest | null;
  /** Holm's correction over the family. */
  readonly correctedP: number | null;
  /** `null` without a margin, or without a test. */
  readonly equivalence: EquivalenceTest | null;
  /** `null` where there can be no finding, or where nothing varies. */
  readonly sensitivity: Sensitivity | null;
  readonly finding: Finding;
}

export interface JudgedBy {
  readonly better?: MetricSpec['better'];
  /** Named before the numbers were seen; `null` or left out: nothing can be called equivalent. */
  readonly margin?: number | null;
}

/** Judges differences that answer one question together: one family of tests, corrected after Holm. */
export function judge(family: readonly Evidence[], by: JudgedBy = {}): Judgement[] {
  const found = findings(family, by);
  const level = ALPHA / Math.max(1, found.filter(({ correctedP }) => correctedP !== null).length);
  const sensitivityOf = sensitivities(level, by);
  return found.map((one, index) => ({
    ...one,
    sensitivity: one.correctedP === null ? null : sensitivityOf(family[index] as Evidence),
  }));
}

/** The same without what the tests could have shown, for those who ask for nothing but the findings. */
export function findings(family: readonly Evidence[], by: JudgedBy = {}): Omit<Judgement, 'sensitivity'>[] {
  const marginOf = (one: Evidence): number | null => (one.by ?? by).margin ?? null;
  const tests = family.map((one) => testOf(one, marginOf(one)));
  const counted = tests.filter((test) => test !== null);
  const differs = holmCorrected(counted.map(({ test }) => test.p));
  const bounded = counted.filter(({ equal }) => equal !== null);
  const equals = holmCorrected(bounded.map(({ equal }) => equal as number));
  return family.map((evidence, index) => {
    const tested = tests[index] ?? null;
    const { differences } = evidence;
    const interval = differences.length > 0 ? meanInterval(differences, CONFIDENCE) : null;
    if (tested === null) {
      const test = differences.length > 1 ? oneSampleTest(differences, resolution(evidence)) : null;
      const finding = test !== null && areAllZero(differences) ? 'identical' : 'untested';
      return { interval, test, correctedP: null, equivalence: null, finding };
    }
    const correctedP = differs[counted.indexOf(tested)] as number;
    const { equal } = tested;
    const margin = marginOf(evidence);
    const equivalence =
      equal === null || margin === null
        ? null
        : { margin, p: equal, correctedP: equals[bounded.indexOf(tested)] as number };
    return {
      interval,
      test: tested.test,
      correctedP,
      equivalence,
      finding: findingOf(evidence, correctedP, equivalence, (evidence.by ?? by).better ?? 'lower'),
    };
  });
}

const areAllZero = (differences: readonly number[]): boolean => differences.every((one) => one === 0);

const resolution = ({ differences, measured }: Evidence): number => resolutionOf(measured ?? differences);

/** `null` where there are too few pairs for a finding: no test to correct for. */
function testOf(
  evidence: Evidence,
  margin: number | null,
): { readonly test: OneSampleTest; readonly equal: number | null } | null {
  const { differences } = evidence;
  if (differences.length < FEWEST_PAIRS) return null;
  const test = oneSampleTest(differences, resolution(evidence));
  return {
    test,
    equal: margin === null ? null : equivalenceTest(differences, margin, resolution(evidence)),
  };
}

function findingOf(
  { differences, missing = { first: 0, second: 0 } }: Evidence,
  correctedP: number,
  equivalence: EquivalenceTest | null,
  better: MetricSpec['better'],
): Finding {
  if (areAllZero(differences)) return 'identical';
  if (correctedP < ALPHA) {
    const direction = differences.reduce((sum, one) => sum + one, 0) < 0 ? 'lower' : 'higher';
    const favoured = direction === better ? missing.first : missing.second;
    return favoured > 0 ? 'incomplete' : direction;
  }
  if (equivalence === null || equivalence.correctedP >= ALPHA) return 'no-difference';
  // That two sides are alike speaks for both of them.
  return missing.first + missing.second > 0 ? 'incomplete' : 'equivalent';
}

function sensitivities(level: number, by: JudgedBy): (evidence: Evidence) => Sensitivity | null {
  // In standard deviations it depends on their number alone, and families have one number of seeds, mostly.
  const effects = new Map<number, number>();
  return (evidence) => {
    const { differences } = evidence;
    if (areAllZero(differences)) return null;
    const margin = (evidence.by ?? by).margin ?? null;
    const n = differences.length;
    const effect = effects.get(n) ?? detectableEffect(n, level);
    effects.set(n, effect);
    const spread = meanInterval(differences, CONFIDENCE).standardDeviation ?? 0;
    const deviation = Math.max(spread, resolution(evidence));
    const pairs = margin === null ? Infinity : pairsFor(margin / deviation, level, FEWEST_PAIRS);
    return {
      level,
      power: POWER,
      detectable: effect * deviation,
      pairsForMargin: pairs <= MOST_SEEDS ? pairs : null,
    };
  };
}
