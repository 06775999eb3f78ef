import { ContractError } from '@ligature/core';

/** For calls on a registry that holds no weights (any more). */
export function unusable(state: 'disposed' | 'empty', model: string): ContractError {
  return new ContractError(`registry-${state}`, {
    asked: `Use the weights of the model "${model}"`,
    found: state === 'disposed' ? 'the registry is disposed' : 'the registry holds no weights yet',
    todo: state === 'disposed' ? 'Make a new registry' : 'Call initialize, importWeights or restore first',
  });
}
