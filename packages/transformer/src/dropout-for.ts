import { ContractError } from '@ligature/core';
import type { Mode } from '@ligature/core';
import type { Dropout } from '@ligature/nn';

/**
 * Dropout of a forward pass; `undefined` where there is none.
 *
 * @throws ContractError (`dropout-seed-missing`)
 */
export function dropoutFor(rate: number, mode: Mode): Dropout | undefined {
  if (!mode.training || rate === 0) return undefined;
  if (!mode.dropoutSeed) {
    throw new ContractError('dropout-seed-missing', {
      asked: `Train with dropout ${rate}`,
      found: 'the mode has no dropoutSeed',
      todo: 'Give the forward pass seeds from the dropout stream',
    });
  }
  return { rate, seed: mode.dropoutSeed };
}
