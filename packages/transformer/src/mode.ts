/** What a forward pass is asked for, as what the layers take. */
import { ContractError, InputError } from '@ligature/core';
import type { Mode } from '@ligature/core';
import type { Dropout } from '@ligature/nn';

/** @throws ContractError (`dropout-seed-missing`) */
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

/** @throws InputError (`sequence-length-invalid`) */
export function assertTime(time: number, context: number): void {
  if (time >= 1 && time <= context) return;
  throw new InputError('sequence-length-invalid', {
    asked: `Run a sequence of ${time} tokens`,
    found: `the model has ${context} positions`,
    todo: `Give it between 1 and ${context} tokens`,
  });
}
