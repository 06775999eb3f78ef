/** Reads back what `snapshot()` wrote, refusing what does not fit: a checkpoint may come from other options. */
import { ContractError } from '@ligature/core';
import type { Snapshot } from '@ligature/core';
import { mapParameters, parameterSizes } from './mlp.js';
import type { MlpShape, Parameters } from './mlp.js';

export function mismatch(part: string, found: string): ContractError {
  return new ContractError('controller-state-mismatch', {
    asked: `Restore ${part} of the q-learning controller`,
    found,
    todo: 'Resume with the options and the number of layers that the run was started with',
  });
}

export function asRecord(state: Snapshot | undefined, part: string): { readonly [key: string]: Snapshot } {
  if (typeof state !== 'object' || state === null || Array.isArray(state) || ArrayBuffer.isView(state)) {
    throw mismatch(part, 'no record of named values');
  }
  return state as { readonly [key: string]: Snapshot };
}

export function asCount(state: Snapshot | undefined, part: string): number {
  if (typeof state !== 'number' || !Number.isInteger(state) || state < 0) throw mismatch(part, 'no count');
  return state;
}

/** A list of numbers of the expected length; JSON may have turned a typed array into a plain one. */
export function asArray<T extends Float64Array | Int32Array>(
  state: Snapshot | undefined,
  part: string,
  Type: { new (values: ArrayLike<number>): T },
  length: number,
): T {
  if (!ArrayBuffer.isView(state) && !Array.isArray(state)) throw mismatch(part, 'no list of numbers');
  const values = state as ArrayLike<number>;
  if (values.length !== length) throw mismatch(part, `${values.length} numbers where ${length} are needed`);
  const array = new Type(values);
  // One such number spreads over the whole network with the next update.
  if (!array.every(Number.isFinite)) throw mismatch(part, 'a number that is not finite');
  return array;
}

export function asParameters(state: Snapshot | undefined, part: string, shape: MlpShape): Parameters {
  const record = asRecord(state, part);
  const sizes = parameterSizes(shape);
  return mapParameters((name) => asArray(record[name], `${part} ${name}`, Float64Array, sizes[name]));
}

/** A copy that later updates do not reach. */
export function copyParameters(parameters: Parameters): Parameters {
  return mapParameters((name) => parameters[name].slice());
}
