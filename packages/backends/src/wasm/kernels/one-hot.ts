/**
 * `OneHot` for every type. The stock kernel writes integers whatever the type of its output, so that a float
 * one-hot of it holds 1.4e-45 in the place of 1.
 */
import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmBackend } from '../heap.js';

export interface OneHotAttributes {
  readonly depth: number;
  readonly onValue: number;
  readonly offValue: number;
  readonly dtype?: DataType;
}

/** indices [...shape] int32 -> [...shape, depth]; indices outside [0, depth) give rows of `offValue`. */
export function oneHot(
  backend: WasmBackend,
  indices: TensorInfo,
  { depth, onValue, offValue, dtype = 'int32' }: OneHotAttributes,
): TensorInfo {
  const out = backend.makeOutput([...indices.shape, depth], dtype);
  const values = backend.typedArrayFromHeap(out).fill(offValue);
  backend.typedArrayFromHeap(indices).forEach((index: number, row: number) => {
    if (index >= 0 && index < depth) values[row * depth + index] = onValue;
  });
  return out;
}
