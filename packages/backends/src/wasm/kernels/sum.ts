/**
 * `Sum` and `Mean`, which the stock kernels add up one number after the other, transposing whatever is not last first.
 * Short sums along the last axes go to the stock kernel.
 */
import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmBackend } from '../heap.js';
import { SHORT, type LongSums } from '../long-sums.js';

export interface ReductionAttributes {
  readonly axis: number | number[];
  readonly keepDims: boolean;
}

/** Axes to sum over with our functions; `undefined`: the stock kernel does it as well. */
function axesOf(x: TensorInfo, axis: number | number[]): number[] | undefined {
  if (x.dtype !== 'float32' || util.sizeFromShape(x.shape) === 0) return undefined;
  const axes = util.parseAxisParam(axis, x.shape);
  const isLeading = axes.length < x.shape.length && axes.every((one) => one < axes.length);
  const terms = axes.reduce((count, one) => count * x.shape[one]!, 1);
  return axes.length > 0 && (isLeading || terms > SHORT) ? axes : undefined;
}

/** x float32 -> its sums over the axes, or `undefined` where the stock kernel shall do it. */
export function sum(
  sums: LongSums,
  x: TensorInfo,
  { axis, keepDims }: ReductionAttributes,
): TensorInfo | undefined {
  const axes = axesOf(x, axis);
  return axes && sums.over(x, axes, keepDims);
}

/** x float32 -> its means over the axes, or `undefined` where the stock kernel shall do it. */
export function mean(
  sums: LongSums,
  backend: WasmBackend,
  x: TensorInfo,
  attrs: ReductionAttributes,
): TensorInfo | undefined {
  const axes = axesOf(x, attrs.axis);
  const terms = axes?.reduce((count, axis) => count * x.shape[axis]!, 1) ?? 0;
  if (axes === undefined || terms <= SHORT) return undefined;
  const out = sums.over(x, axes, attrs.keepDims);
  const values = backend.typedArrayFromHeap(out);
  for (let i = 0; i < values.length; i += 1) values[i]! /= terms;
  return out;
}
