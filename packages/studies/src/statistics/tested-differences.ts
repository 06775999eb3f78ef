/** Differences by seed that answer one question together: each with its interval, its test and its finding. */
import { judge, type Evidence, type Finding, type JudgedBy, type Judgement } from './findings.js';
import type { MeanInterval } from './student.js';

export interface TestedDifference extends Pick<Judgement, 'correctedP' | 'equivalence' | 'sensitivity'> {
  readonly difference: MeanInterval;
  /** Two-sided, Student's t; `null` below two seeds. */
  readonly p: number | null;
  readonly hedgesG: number | null;
  readonly finding: Finding;
}

/** @param families one list of differences each, none of them empty */
export function testedDifferences(families: readonly Evidence[], by: JudgedBy = {}): TestedDifference[] {
  return judge(families, by).map(({ interval, test, ...rest }) => ({
    ...rest,
    difference: interval as MeanInterval,
    p: test?.p ?? null,
    hedgesG: test?.hedgesG ?? null,
  }));
}
