/** `Cumsum` of long axes, which the stock kernel adds up in float32; here the running sum is a float64. */
import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmBackend } from '../heap.js';
import { SHORT } from '../long-sums.js';

export interface CumsumAttributes {
  readonly axis: number;
  readonly exclusive: boolean;
  readonly reverse: boolean;
}

/** x float32 -> running sums, or `undefined` where the stock kernel does as well. */
export function cumsum(
  backend: WasmBackend,
  x: TensorInfo,
  { axis, exclusive, reverse }: CumsumAttributes,
): TensorInfo | undefined {
  if (x.dtype !== 'float32' || x.shape.length === 0) return undefined;
  const [dim] = util.parseAxisParam(axis, x.shape) as [number];
  const n = x.shape[dim]!;
  if (n <= SHORT) return undefined;
  const inner = util.sizeFromShape(x.shape.slice(dim + 1));
  const out = backend.makeOutput(x.shape, 'float32');
  const [from, to] = [backend.typedArrayFromHeap(x), backend.typedArrayFromHeap(out)];
  for (let start = 0; start < from.length; start += n * inner) {
    for (let column = 0; column < inner; column += 1) {
      let sum = 0;
      for (let step = 0; step < n; step += 1) {
        const at = start + (reverse ? n - 1 - step : step) * inner + column;
        const before = sum;
        sum += from[at]!;
        to[at] = exclusive ? before : sum;
      }
    }
  }
  return out;
}
