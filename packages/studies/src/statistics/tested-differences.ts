/** Differences by seed that answer one question together: each with its interval and a p-value, corrected after Holm. */
import { CONFIDENCE, findingOf, type Finding } from './comparison-statistics.js';
import { holmCorrected } from './holm.js';
import { meanInterval, oneSampleTest, type MeanInterval } from './student.js';

export interface TestedDifference {
  readonly difference: MeanInterval;
  /** Two-sided, Student's t; `null` below two seeds. */
  readonly p: number | null;
  readonly hedgesG: number | null;
  readonly correctedP: number | null;
  readonly finding: Finding;
}

/** @param families one list of differences each, none of them empty */
export function testedDifferences(families: readonly (readonly number[])[]): TestedDifference[] {
  const tests = families.map((values) => (values.length > 1 ? oneSampleTest(values) : null));
  const corrected = holmCorrected(tests.flatMap((test) => (test ? [test.p] : [])));
  let next = 0;
  return families.map((differences, index) => {
    const test = tests[index] ?? null;
    const correctedP = test ? (corrected[next++] as number) : null;
    const difference = meanInterval(differences, CONFIDENCE);
    return {
      difference,
      p: test?.p ?? null,
      hedgesG: test?.hedgesG ?? null,
      correctedP,
      finding: findingOf({ differences, interval: difference }, correctedP),
    };
  });
}
