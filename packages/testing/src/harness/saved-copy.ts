/** A snapshot as a checkpoint brings it back: the same rules as those of a run's checkpoint files. */
import type { Snapshot } from '@ligature/core';
import { Finding } from './finding.js';

const ARRAYS = [Float32Array, Float64Array, Int32Array, Uint32Array];
/** As deep as checkpoints go. */
const DEEPEST = 64;

/**
 * A copy that shares nothing with the snapshot.
 *
 * @throws Finding (of `snapshot-plain`) naming the place of what a checkpoint cannot hold
 */
export function savedCopy(snapshot: unknown): Snapshot {
  return copyAt(snapshot, '', 0);
}

function copyAt(value: unknown, path: string, depth: number): Snapshot {
  const refuse = (found: string): never => {
    throw new Finding(`the snapshot${path && ` at ${path}`} ${found}`, 'snapshot-plain');
  };
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string')
    return value;
  if (typeof value !== 'object')
    return refuse(`is ${typeof value === 'undefined' ? '' : 'a '}${typeof value}`);
  if (depth > DEEPEST) return refuse(`is nested deeper than ${DEEPEST} levels, or holds itself`);
  const array = ARRAYS.find((one) => value instanceof one);
  if (array) return (value as Float32Array).slice();
  if (Array.isArray(value)) {
    return Array.from(value as unknown[], (one, at) => copyAt(one, `${path}[${at}]`, depth + 1));
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    return refuse(`is a ${(value as object).constructor?.name || 'thing of a class'}`);
  }
  const copies = Object.entries(value).map(([key, one]): [string, Snapshot] => {
    if (key === '__proto__') refuse('has the key __proto__');
    return [key, copyAt(one, path ? `${path}.${key}` : key, depth + 1)];
  });
  return Object.fromEntries(copies);
}
