import { ContractError } from '@ligature/core';
import type { EvaluationScope } from '@ligature/core';

/** @throws ContractError when nothing was scored, or not exactly what the pass says that it covers. */
export function assertScores(tokens: number, scope: EvaluationScope): void {
  const asked = `Finish an evaluation of the ${scope.split} split`;
  if (tokens === 0) {
    throw new ContractError('evaluation-empty', {
      asked,
      found: 'no batch was scored',
      todo: 'Evaluate at least one batch',
    });
  }
  if (tokens !== scope.tokens) {
    throw new ContractError('evaluation-incomplete', {
      asked,
      found: `${tokens} tokens were scored and the pass covers ${scope.tokens}`,
      todo: 'Score every batch of the evaluation set once',
    });
  }
}
