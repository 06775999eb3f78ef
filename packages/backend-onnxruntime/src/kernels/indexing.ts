/** Lookups by index, and their opposites. */
import { shared } from '@tensorflow/tfjs-backend-cpu';
import { gather_util, scatter_util, util } from '@tensorflow/tfjs-core';
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from '../onnx/element-types.js';
import { ElementType, ints, kernel, scalar, vector } from './lowering.js';
import type { Input, Lowering } from './lowering.js';

const { float32, float64, int32, int64, bool } = ElementType;

/** Zeros of a shape. */
export function zeros(l: Lowering, shape: readonly number[], type: ElementType = float32): Input {
  return l.op('Expand', [scalar(0, type), ints(shape)], { type, shape });
}

/**
 * Rows that are added as float32: if all went to one place, equal ones, the sum would be off by 1.5e-5. More of them are
 * added as float64, which takes a table twice as large for as long.
 */
const MAX_FLOAT32_ROWS = 1024;

/** Scattering runs in a graph of its own, because it has to do with one thread; see `isSequential` in `segment.ts`. */
const scattering = { group: () => 'scatter' };

/** Adds rows of `updates` where `indices` [n, 1] say, duplicates included, to zeros of `shape`. */
function scatterRows(l: Lowering, indices: Input, updates: Input, shape: readonly number[]): Input {
  const places = l.cast(indices, int64);
  const type = indices.shape[0]! > MAX_FLOAT32_ROWS ? float64 : float32;
  const operands = [zeros(l, shape, type), places, l.cast(updates, type)];
  return l.cast(l.op('ScatterND', operands, { type, shape }, { reduction: 'add' }), float32);
}

/**
 * Indices into axes of the given sizes, one for each index or for each in a row. tfjs refuses what is out of range;
 * ONNX Runtime does too, but counts negative indices from the end. Those become too large where they are not known yet.
 */
function checked(l: Lowering, indices: TensorInfo, sizes: readonly number[], kernelName: string): Input {
  const known = l.known(indices);
  const operand = l.input(indices);
  if (!known) {
    const limits = sizes.length === 1 ? scalar(sizes[0]!, int32) : vector(sizes, int32);
    return l.where(l.test('Less', operand, scalar(0, int32)), limits, operand);
  }
  for (let i = 0; i < known.length; i += 1) {
    const [index, size] = [known[i] as number, sizes[i % sizes.length]!];
    if (index < 0 || index >= size) {
      throw new RangeError(`${kernelName}: the index value ${index} is not in [0, ${size - 1}]`);
    }
  }
  return operand;
}

/** Rows of indices with as many entries each as axes are indexed; ONNX wants the row even where it is one index. */
function indexRows(l: Lowering, indices: TensorInfo, shape: readonly number[], name: string) {
  const depth = indices.shape.length > 1 ? indices.shape.at(-1)! : 1;
  const count = sizeOf(indices.shape) / depth;
  const places = checked(l, { ...indices, shape: [count, depth] }, shape.slice(0, depth), name);
  return { places: l.cast(places, int64), rows: [count, ...shape.slice(depth)] };
}

/** Which entries of the list are rows of a table; tfjs leaves the others out of sums. */
function isRow(l: Lowering, ids: Input, count: number): Input {
  const below = l.test('Less', ids, scalar(count, int32));
  return l.test('And', l.test('GreaterOrEqual', ids, scalar(0, int32)), below);
}

export const indexingKernels = [
  kernel<{ x: TensorInfo; indices: TensorInfo }, { axis: number; batchDims: number }>(
    'GatherV2',
    (l, { x, indices }, { axis, batchDims }) => {
      const dim = util.parseAxisParam(axis, x.shape)[0]!;
      if (indices.dtype !== 'int32' || (batchDims !== 0 && batchDims !== dim)) return null;
      const places = checked(l, indices, [x.shape[dim]!], 'GatherV2');
      const shape = [...x.shape.slice(0, dim), ...indices.shape.slice(batchDims), ...x.shape.slice(dim + 1)];
      const operand = l.input(x);
      const output = { type: operand.value.type, shape };
      if (batchDims === 0) return l.output(l.op('Gather', [operand, places], output, { axis: dim }));
      const rows = l.cast(l.reshape(places, [...indices.shape, 1]), int64);
      return l.output(l.op('GatherND', [operand, rows], output, { batch_dims: batchDims }));
    },
  ),
  kernel<{ params: TensorInfo; indices: TensorInfo }>('GatherNd', (l, { params, indices }) => {
    if (indices.dtype !== 'int32' || indices.shape.length === 0) return null;
    const [shape] = gather_util.prepareAndValidate(params as Tensor, indices as Tensor);
    const depth = indices.shape.at(-1)!;
    const places = checked(l, indices, params.shape.slice(0, depth), 'GatherNd');
    const operand = l.input(params);
    const output = { type: operand.value.type, shape };
    return l.output(l.op('GatherND', [operand, l.cast(places, int64)], output));
  }),
  kernel<{ indices: TensorInfo; updates: TensorInfo }, { shape: number[] }>(
    'ScatterNd',
    (l, { indices, updates }, { shape }) => {
      if (updates.dtype !== 'float32' || indices.dtype !== 'int32' || sizeOf(shape) === 0) return null;
      scatter_util.validateInput(updates as Tensor, indices as Tensor, shape);
      const { places, rows } = indexRows(l, indices, shape, 'ScatterNd');
      return l.output(scatterRows(l, places, l.reshape(l.input(updates), rows), shape));
    },
    scattering,
  ),
  kernel<{ tensor: TensorInfo; indices: TensorInfo; updates: TensorInfo }>(
    'TensorScatterUpdate',
    (l, { tensor, indices, updates }) => {
      const { dtype, shape } = tensor;
      if (updates.dtype !== dtype || dtype === 'bool' || indices.dtype !== 'int32') return null;
      scatter_util.validateInput(updates as Tensor, indices as Tensor, shape);
      const { places, rows } = indexRows(l, indices, shape, 'TensorScatterUpdate');
      const target = l.input(tensor);
      const values = l.reshape(l.input(updates), rows);
      return l.output(l.op('ScatterND', [target, places, values], { type: target.value.type, shape }));
    },
    scattering,
  ),
  kernel<{ x: TensorInfo; segmentIds: TensorInfo }, { numSegments: number }>(
    'UnsortedSegmentSum',
    (l, { x, segmentIds }, { numSegments }) => {
      if (x.dtype !== 'float32' || segmentIds.dtype !== 'int32') return null;
      if (segmentIds.shape.length !== 1 || numSegments === 0) return null;
      const count = segmentIds.shape[0]!;
      const shape = [numSegments, ...x.shape.slice(1)];
      let [values, ids] = [l.input(x), l.reshape(l.input(segmentIds), [count, 1])];
      const known = l.known(segmentIds) as Int32Array | undefined;
      if (!known?.every((id) => id >= 0 && id < numSegments)) {
        const valid = isRow(l, ids, numSegments);
        const column = l.reshape(valid, [count, ...x.shape.slice(1).fill(1)]);
        values = l.where(column, values, scalar(0), x.shape);
        ids = l.where(valid, ids, scalar(0, int32));
      }
      return l.output(scatterRows(l, ids, values, shape));
    },
    scattering,
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
    (l, _inputs, { start, stop, step, dtype }) =>
      written(l, shared.rangeImpl(start, stop, step, dtype) as Float32Array, dtype),
  ),
  kernel<object, { start: number; stop: number; num: number }>(
    'LinSpace',
    (l, _inputs, { start, stop, num }) =>
      written(l, shared.linSpaceImpl(start, stop, num) as Float32Array, 'float32'),
  ),
];

// Computed here and not in the graph: they depend on nothing but numbers that the program knows.
function written(l: Lowering, values: Float32Array, dtype: 'float32' | 'int32'): TensorInfo {
  const shape = [values.length];
  return { dataId: l.backend.write(values, shape, dtype), shape, dtype };
}
