/**
 * `Sum` over leading dimensions (the gradient of every bias and of every broadcast), which the stock kernel does by
 * transposing its whole operand first. Other sums go to the stock kernel.
 */
import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import { addressOf, type WasmBackend } from '../heap.js';
import { FLOAT } from '../module/layout.js';
import type { HeapModule } from '../module/index.js';

/** Number of dimensions summed if they are 0..n-1 and something is left beside them, else 0. */
export function leadingAxes(x: TensorInfo, axis: number | number[]): number {
  const axes = util.parseAxisParam(axis, x.shape).sort((a, b) => a - b);
  const leading = axes.length < x.shape.length && axes.every((value, index) => value === index);
  return leading && x.dtype === 'float32' ? axes.length : 0;
}

/** x [...leading, ...rest] float32 -> [...rest], or [1, ..., ...rest] with keepDims. */
export function sumLeading(
  module: HeapModule,
  backend: WasmBackend,
  x: TensorInfo,
  leading: number,
  keepDims: boolean,
): TensorInfo {
  const rest = x.shape.slice(leading);
  const rows = util.sizeFromShape(x.shape.slice(0, leading));
  const columns = util.sizeFromShape(rest);
  const out = backend.makeOutput(keepDims ? [...new Array<number>(leading).fill(1), ...rest] : rest, x.dtype);
  backend.typedArrayFromHeap(out).fill(0);
  module.sumRows(addressOf(backend, x), rows, columns * FLOAT, addressOf(backend, out));
  return out;
}
