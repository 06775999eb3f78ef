import { ContractError, type SimilarityKind } from '@ligature/core';
import { describe } from './plain-data.js';

export const SIMILARITY_KINDS = [
  'weight-cosine',
  'hidden-cka',
  'gradient-cosine',
] as const satisfies readonly SimilarityKind[];

/**
 * What a controller asked to have measured; `undefined`: nothing.
 *
 * @throws ContractError (`controller-measurement-unknown`)
 */
export function checkWanted(answer: unknown, window: number, controller: string): SimilarityKind | undefined {
  if (answer === undefined || answer === null) return undefined;
  const kind = SIMILARITY_KINDS.find((known) => known === answer);
  if (kind) return kind;
  throw new ContractError('controller-measurement-unknown', {
    asked: `Measure ${describe(answer)} for the controller "${controller}" in window ${window}`,
    found: 'there is no such measurement',
    todo: `Let wants return one of ${SIMILARITY_KINDS.join(', ')}, or undefined`,
  });
}
