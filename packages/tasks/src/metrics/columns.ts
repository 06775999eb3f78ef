/** Columns of scores in which every target counts, for metrics that are no mean of them: they need each target on its own. */
import { ContractError } from '@ligature/core';
import type { BatchScores } from '@ligature/core';
import { columnOf } from '../metrics.js';

/**
 * @throws ContractError (`score-missing`; `targets-uncounted` for a batch in which some target does not count: a column says
 *   0 of it, and 0 is a class and a number too)
 */
export function wholeColumn(scores: BatchScores, name: string): Float32Array {
  const [column, { weight }] = [columnOf(scores, name), scores];
  if (column.length === weight) return column;
  throw new ContractError('targets-uncounted', {
    asked: `Fold the score "${name}" target by target`,
    found: `${weight} of ${column.length} targets count, and it does not say which`,
    todo: 'Use this metric for tasks all of whose targets count',
  });
}
