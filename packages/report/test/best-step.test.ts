/** What is said of a run that was measured at its best step. */
import type { TrialResult } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { bestOfRun, isMeasuredMap, runFacts, runMarkdown } from '../src/index.js';
import { trial } from './synthetic.js';

const last = trial('random', 1, 3, [0, 0, 0]);
const measured = trial('random', 1, 2, [0, 1, 0]);
const best = (step: number): TrialResult => ({
  ...measured,
  steps: 4000,
  best: { step, value: 2.125, last: { value: 3.5, tieMap: last.tieMap, ledger: last.ledger } },
});

describe('a run that was measured at its best step', () => {
  it('names the step, and its validation beside that of the last one', () => {
    expect(bestOfRun(best(1200))).toEqual([
      'Validation, test, sizes and tie map are those of the best validation step, 1,200 of 4,000: loss 2.125 on the batches of the ' +
        'validations on the way; 3.500 at the last step (`evaluation.final.of`).',
    ]);
    expect(bestOfRun(best(4000))[0]).toContain(
      '4,000 of 4,000: loss 2.125 on the batches of the validations on the way, the last one',
    );
    expect(runMarkdown(best(1200))).toContain('the best validation step, 1,200 of 4,000');
    expect(runMarkdown(last)).not.toContain('best validation step');
  });

  it('has the map that was measured, and that of the last step where it is another', () => {
    const maps = (result: TrialResult) => runFacts(result).filter(({ name }) => name.includes('map'));
    expect(maps(best(1200))).toEqual([
      { name: 'Measured tie map', value: '0-1-0' },
      { name: 'Final tie map', value: '0-0-0 (of the last step)' },
    ]);
    expect(maps(last)).toEqual([{ name: 'Final tie map', value: '0-0-0' }]);
    for (const result of [best(1200), last]) {
      expect(maps(result).map((fact) => isMeasuredMap(fact, result))).toEqual(
        result.best ? [true, false] : [true],
      );
    }
  });
});
