/** Kernels that take parts of a tensor, or turn it round. */
import * as tf from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from '../onnx/element-types.js';
import { ints, kernel } from './lowering.js';
import type { Input, Lowering } from './lowering.js';
import { view } from './shapes.js';

const { slice_util: slices, util } = tf;

function part(l: Lowering, x: Input, begin: readonly number[], size: readonly number[]): Input {
  const ends = begin.map((start, axis) => start + size[axis]!);
  return l.op('Slice', [x, ints(begin), ints(ends)], { type: x.value.type, shape: size });
}

interface Strided {
  begin: number[];
  end: number[];
  strides: number[];
  beginMask: number;
  endMask: number;
  ellipsisMask: number;
  newAxisMask: number;
  shrinkAxisMask: number;
}

export const sliceKernels = [
  kernel<{ x: TensorInfo }, { begin: number[]; size: number[] }>('Slice', (l, { x }, { begin, size }) => {
    const [from, sizes] = slices.parseSliceParams(x as tf.Tensor, begin, size) as [number[], number[]];
    slices.assertParamsValid(x as tf.Tensor, from, sizes);
    if (sizeOf(sizes) === 0 || sizes.length === 0) return null;
    return l.output(part(l, l.input(x), from, sizes));
  }),
  kernel<{ x: TensorInfo }, Strided>('StridedSlice', (l, { x }, attrs) => {
    const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attrs;
    const info = slices.sliceInfo(
      x.shape,
      begin,
      end,
      strides,
      beginMask,
      endMask,
      ellipsisMask,
      newAxisMask,
      shrinkAxisMask,
    );
    if (info.isIdentity) return view(l, x, info.finalShape);
    if (x.shape.length === 0 || sizeOf(info.finalShape) === 0) return null;
    const operand = l.input(x);
    // Backwards, tfjs's end of -1 is before the first entry, where ONNX would read "the last one".
    const ends = info.end.map((stop, axis) => (stop < 0 ? -x.shape[axis]! - 1 : stop));
    const axes = x.shape.map((_, axis) => axis);
    const bounds = [info.begin, ends, axes, info.strides].map((numbers) => ints(numbers));
    const shape = slices.computeOutShape(info.begin, info.end, info.strides);
    const sliced = l.op('Slice', [operand, ...bounds], { type: operand.value.type, shape });
    return l.output(l.reshape(sliced, info.finalShape));
  }),
  kernel<{ value: TensorInfo }, { axis: number }>('Unpack', (l, { value }, { axis }) => {
    const dim = axis < 0 ? axis + value.shape.length : axis;
    const count = value.shape[dim]!;
    const rest = value.shape.filter((_, index) => index !== dim);
    const x = l.input(value);
    return Array.from({ length: count }, (_, index) => {
      const begin = value.shape.map((_, i) => (i === dim ? index : 0));
      const size = value.shape.map((n, i) => (i === dim ? 1 : n));
      return l.output(l.reshape(part(l, x, begin, size), rest));
    });
  }),
  kernel<{ x: TensorInfo }, { numOrSizeSplits: number | number[]; axis: number }>(
    'SplitV',
    (l, { x }, { numOrSizeSplits, axis }) => {
      const [dim] = util.parseAxisParam(axis, x.shape);
      const sizes = tf.backend_util.prepareSplitSize(x as tf.Tensor, numOrSizeSplits, dim);
      if (sizes.includes(0)) return null;
      const operand = l.input(x);
      let start = 0;
      return sizes.map((length) => {
        const begin = x.shape.map((_, i) => (i === dim ? start : 0));
        const size = x.shape.map((n, i) => (i === dim ? length : n));
        start += length;
        return l.output(part(l, operand, begin, size));
      });
    },
  ),
  kernel<{ x: TensorInfo }, { dims: number[] }>('Reverse', (l, { x }, { dims }) => {
    const axes = util.parseAxisParam(dims, x.shape);
    if (x.shape.length === 0 || axes.length === 0) return view(l, x, x.shape);
    const operand = l.input(x);
    const last = axes.map(() => -1);
    const before = axes.map((axis) => -x.shape[axis]! - 1);
    return l.output(
      l.op('Slice', [operand, ints(last), ints(before), ints(axes), ints(last)], {
        type: operand.value.type,
        shape: x.shape,
      }),
    );
  }),
];
