/** Lookups by index, and their opposites. */
import { backend_util, scatter_util, gather_util, util } from '@tensorflow/tfjs-core';
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from '../onnx/element-types.js';
import { ElementType, ints, kernel, scalar } from './lowering.js';
import type { Input, Lowering } from './lowering.js';

const { float32, int32, int64, bool } = ElementType;

/** Zeros of a shape. */
export function zeros(l: Lowering, shape: readonly number[], type: ElementType = float32): Input {
  return l.op('Expand', [scalar(0, type), ints(shape)], { type, shape });
}

/** Adds rows of `updates` where `indices` [n, 1] say, duplicates included, to zeros of `shape`. */
export function scatterRows(l: Lowering, indices: Input, updates: Input, shape: readonly number[]): Input {
  const places = l.cast(indices, int64);
  return l.float('ScatterND', [zeros(l, shape), places, updates], shape, { reduction: 'add' });
}

export const indexingKernels = [
  kernel<{ x: TensorInfo; indices: TensorInfo }, { axis: number; batchDims: number }>(
    'GatherV2',
    (l, { x, indices }, { axis, batchDims }) => {
      const [operand, places] = [l.input(x), l.input(indices)];
      if (places.value.type !== int32 || batchDims !== 0) return null;
      const [dim] = util.parseAxisParam(axis, x.shape);
      const shape = [...x.shape.slice(0, dim), ...indices.shape, ...x.shape.slice(dim! + 1)];
      return l.output(l.op('Gather', [operand, places], { type: operand.value.type, shape }, { axis: dim! }));
    },
  ),
  kernel<{ params: TensorInfo; indices: TensorInfo }>('GatherNd', (l, { params, indices }) => {
    const [operand, places] = [l.input(params), l.input(indices)];
    if (places.value.type !== int32 || indices.shape.length === 0) return null;
    const [shape] = gather_util.prepareAndValidate(params as Tensor, indices as Tensor);
    return l.output(l.op('GatherND', [operand, l.cast(places, int64)], { type: operand.value.type, shape }));
  }),
  kernel<{ indices: TensorInfo; updates: TensorInfo }, { shape: number[] }>(
    'ScatterNd',
    (l, { indices, updates }, { shape }) => {
      const values = l.input(updates);
      if (values.value.type !== float32 || sizeOf(shape) === 0) return null;
      scatter_util.validateInput(updates as Tensor, indices as Tensor, shape);
      // ONNX wants the index depth as an axis even for a list of scalars.
      const depth = indices.shape.length > 1 ? indices.shape.at(-1)! : 1;
      const count = sizeOf(indices.shape) / depth;
      const places = l.reshape(l.input(indices), [count, depth]);
      const rows = l.reshape(values, [count, ...shape.slice(depth)]);
      return l.output(scatterRows(l, places, rows, shape));
    },
  ),
  kernel<{ tensor: TensorInfo; indices: TensorInfo; updates: TensorInfo }>(
    'TensorScatterUpdate',
    (l, { tensor, indices, updates }) => {
      const [target, values] = [l.input(tensor), l.input(updates)];
      const { type } = target.value;
      if (values.value.type !== type || type === bool) return null;
      scatter_util.validateInput(updates as Tensor, indices as Tensor, tensor.shape);
      const depth = indices.shape.length > 1 ? indices.shape.at(-1)! : 1;
      const count = sizeOf(indices.shape) / depth;
      const places = l.cast(l.reshape(l.input(indices), [count, depth]), int64);
      const rows = l.reshape(values, [count, ...tensor.shape.slice(depth)]);
      return l.output(l.op('ScatterND', [target, places, rows], { type, shape: tensor.shape }));
    },
  ),
  kernel<{ x: TensorInfo; segmentIds: TensorInfo }, { numSegments: number }>(
    'UnsortedSegmentSum',
    (l, { x, segmentIds }, { numSegments }) => {
      const values = l.input(x);
      if (values.value.type !== float32 || segmentIds.shape.length !== 1 || numSegments === 0) return null;
      const shape = [numSegments, ...x.shape.slice(1)];
      const places = l.reshape(l.input(segmentIds), [segmentIds.shape[0]!, 1]);
      return l.output(scatterRows(l, places, values, shape));
    },
  ),
  kernel<{ indices: TensorInfo }, { depth: number; onValue: number; offValue: number; dtype: string }>(
    'OneHot',
    (l, { indices }, { depth, onValue, offValue, dtype }) => {
      const places = l.input(indices);
      if (places.value.type !== int32 || dtype === 'bool' || dtype === 'complex64' || dtype === 'string')
        return null;
      // ONNX's OneHot has few types on the CPU, and counts negative indices from the end; comparing does neither.
      const shape = [...indices.shape, depth];
      const classes = l.op('Range', [scalar(0, int32), scalar(depth, int32), scalar(1, int32)], {
        type: int32,
        shape: [depth],
      });
      const column = l.reshape(places, [...indices.shape, 1]);
      const hit = l.op('Equal', [column, classes], { type: bool, shape });
      const type = dtype === 'int32' ? int32 : float32;
      return l.output(l.op('Where', [hit, scalar(onValue, type), scalar(offValue, type)], { type, shape }));
    },
  ),
  kernel<object, { start: number; stop: number; step: number; dtype: 'float32' | 'int32' }>(
    'Range',
    (l, _inputs, { start, stop, step, dtype }) => {
      const values = rangeOf(start, stop, step, dtype);
      return { dataId: l.backend.write(values, [values.length], dtype), shape: [values.length], dtype };
    },
  ),
];

// Computed here and not in the graph: it depends on nothing but numbers that the program knows.
function rangeOf(
  start: number,
  stop: number,
  step: number,
  dtype: 'float32' | 'int32',
): Float32Array | Int32Array {
  const towards = start < stop ? step > 0 : step < 0;
  const length = start === stop || !towards ? 0 : Math.abs(Math.ceil((stop - start) / step));
  const values = dtype === 'int32' ? new Int32Array(length) : new Float32Array(length);
  for (let i = 0; i < length; i += 1) values[i] = start + i * step;
  return values;
}
