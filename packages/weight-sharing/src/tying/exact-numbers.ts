/**
 * JSON has no NaN, no infinities and no -0, but notes of a decision may hold them (values of sources that are not
 * to be chosen, for instance). Inside a snapshot such a number is a typed array of one entry, which is saved exactly.
 */
import type { Snapshot } from '@ligature/core';
import type { Plain } from './plain-data.js';

export function packNumbers(value: Plain): Snapshot {
  if (typeof value === 'number') {
    return Number.isFinite(value) && !Object.is(value, -0) ? value : Float64Array.of(value);
  }
  return typeof value === 'object' && value !== null ? mapEntries(value, packNumbers) : value;
}

/** Deeper than any decision with its notes. */
const MOST_LEVELS = 20;

/** Undoes `packNumbers`; other typed arrays, and what is nested deeper, are left for the reader to refuse. */
export function unpackNumbers(value: Snapshot, level = 0): Snapshot {
  if (value instanceof Float64Array && value.length === 1) return value[0] as number;
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (level === MOST_LEVELS) return Uint32Array.of();
  return mapEntries(value as readonly Snapshot[], (one) => unpackNumbers(one, level + 1));
}

function mapEntries<A, B>(
  value: readonly A[] | { readonly [key: string]: A },
  each: (one: A) => B,
): B[] | { [key: string]: B } {
  if (Array.isArray(value)) return (value as readonly A[]).map(each);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, each(one as A)]));
}
