/**
 * `Cast`: to its own type a second handle on the same values, to truth values a comparison with zero. The stock
 * kernel copies always, and cuts 0.5 down to `false`.
 */
import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { alias, type WasmBackend } from '../heap.js';

/** `undefined` where the stock kernel is right. */
export function cast(backend: WasmBackend, x: TensorInfo, dtype: DataType): TensorInfo | undefined {
  if (x.dtype === 'string' || dtype === 'string') return undefined;
  if (x.dtype === dtype) return alias(backend, x);
  if (dtype !== 'bool') return undefined;
  const out = backend.makeOutput(x.shape, 'bool');
  const truth = backend.typedArrayFromHeap(out);
  backend.typedArrayFromHeap(x).forEach((value: number, index: number) => {
    truth[index] = value === 0 ? 0 : 1;
  });
  return out;
}
