/** Kernels that move numbers without changing them. */
import * as tf from '@tensorflow/tfjs-core';
import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { isGraphDataType, sizeOf } from '../onnx/element-types.js';
import { ElementType, ints, kernel, scalar } from './lowering.js';
import type { Lowering } from './lowering.js';

const { util } = tf;

/** The same data under another shape: no operation, no copy. */
export function view(l: Lowering, x: TensorInfo, shape: number[]): TensorInfo {
  l.backend.incRef(x.dataId);
  return { dataId: x.dataId, shape, dtype: x.dtype };
}

function concat(l: Lowering, inputs: readonly TensorInfo[], axis: number): TensorInfo {
  const full = inputs.filter(({ shape }) => sizeOf(shape) > 0);
  const shape = tf.backend_util.computeOutShape(
    inputs.map(({ shape }) => shape),
    axis,
  );
  const operands = full.map((info) => l.input(info));
  return l.output(l.op('Concat', operands, { type: operands[0]!.value.type, shape }, { axis }));
}

export const shapeKernels = [
  kernel('Identity', (l, { x }) => view(l, x, x.shape), { anyInput: true }),
  kernel<{ x: TensorInfo }, { shape: number[] }>(
    'Reshape',
    (l, { x }, { shape }) => {
      const size = sizeOf(x.shape);
      const inferred = util.inferFromImplicitShape(shape, size);
      util.assert(
        size === sizeOf(inferred),
        () =>
          `The new shape (${inferred}) has ${sizeOf(inferred)} elements and the old shape (${x.shape}) has ${size}`,
      );
      return view(l, x, inferred);
    },
    { anyInput: true },
  ),
  kernel<{ input: TensorInfo }, { dim: number }>(
    'ExpandDims',
    (l, { input }, { dim }) => {
      const shape = [...input.shape];
      util.assert(
        dim >= -shape.length - 1 && dim <= shape.length,
        () => `Axis must be in the interval [${-shape.length - 1}, ${shape.length}]: ${dim}`,
      );
      shape.splice(dim < 0 ? shape.length + dim + 1 : dim, 0, 1);
      return view(l, input, shape);
    },
    { anyInput: true },
  ),
  kernel<{ x: TensorInfo }, { perm: number[] }>('Transpose', (l, { x }, { perm }) =>
    x.shape.length < 2 ? view(l, x, x.shape) : l.output(l.transpose(l.input(x), perm)),
  ),
  kernel<TensorInfo[], { axis: number }>('Concat', (l, list, { axis }) => {
    const [dim] = util.parseAxisParam(axis, list[0]!.shape);
    tf.backend_util.assertParamsConsistent(
      list.map(({ shape }) => shape),
      dim!,
    );
    if (list.some(({ dtype }) => dtype !== list[0]!.dtype)) return null;
    return concat(l, list, dim!);
  }),
  kernel<TensorInfo[], { axis: number }>('Pack', (l, list, { axis }) => {
    if (list.some(({ dtype, shape }) => dtype !== list[0]!.dtype || shape.join() !== list[0]!.shape.join())) {
      return null;
    }
    const dim = axis < 0 ? axis + list[0]!.shape.length + 1 : axis;
    const rows = list.map((info) => {
      const shape = [...info.shape];
      shape.splice(dim, 0, 1);
      return { ...info, shape };
    });
    return concat(l, rows, dim);
  }),
  kernel<{ x: TensorInfo }, { reps: number[] }>('Tile', (l, { x }, { reps }) => {
    const shape = x.shape.map((n, axis) => n * reps[axis]!);
    if (sizeOf(shape) === 0) return null;
    const operand = l.input(x);
    return l.output(l.op('Tile', [operand, ints(reps)], { type: operand.value.type, shape }));
  }),
  kernel<{ x: TensorInfo }, { paddings: [number, number][]; constantValue: number }>(
    'PadV2',
    (l, { x }, { paddings, constantValue }) => {
      const operand = l.input(x);
      const shape = x.shape.map((n, axis) => n + paddings[axis]![0] + paddings[axis]![1]);
      const pads = [...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)];
      if (x.shape.length === 0) return view(l, x, x.shape);
      const fill = scalar(constantValue, operand.value.type);
      return l.output(
        l.op('Pad', [operand, ints(pads), fill], { type: operand.value.type, shape }, { mode: 'constant' }),
      );
    },
  ),
  kernel<{ x: TensorInfo }, { paddings: [number, number][]; mode: 'reflect' | 'symmetric' }>(
    'MirrorPad',
    (l, { x }, { paddings, mode }) => {
      const operand = l.input(x);
      // ONNX's modes all leave the border out; with it, the CPU kernel does it.
      if (mode !== 'reflect' || operand.value.type === ElementType.bool) return null;
      const shape = x.shape.map((n, axis) => n + paddings[axis]![0] + paddings[axis]![1]);
      const pads = [...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)];
      return l.output(
        l.op('Pad', [operand, ints(pads)], { type: operand.value.type, shape }, { mode: 'reflect' }),
      );
    },
  ),
  kernel<object, { shape: number[]; value: number | string; dtype: DataType | undefined }>(
    'Fill',
    (l, _inputs, { shape, value, dtype }) => {
      const type = dtype ?? util.inferDtype(value);
      if (!isGraphDataType(type) || sizeOf(shape) === 0) return null;
      const target = ElementType[type];
      if (shape.length === 0)
        return l.output(l.op('Identity', [scalar(Number(value), target)], { type: target, shape }));
      return l.output(l.op('Expand', [scalar(Number(value), target), ints(shape)], { type: target, shape }));
    },
  ),
  ...(['ZerosLike', 'OnesLike'] as const).map((name, value) =>
    kernel(name, (l, { x }) => {
      const type = l.input(x).value.type;
      if (x.shape.length === 0) return l.output(l.op('Identity', [scalar(value, type)], { type, shape: [] }));
      return l.output(l.op('Expand', [scalar(value, type), ints(x.shape)], { type, shape: x.shape }));
    }),
  ),
  kernel<{ x: TensorInfo }, { dtype: DataType }>('Cast', (l, { x }, { dtype }) => {
    if (dtype === x.dtype) return view(l, x, x.shape);
    const operand = l.input(x);
    switch (dtype) {
      case 'float32':
        return l.output(l.cast(operand, ElementType.float32));
      case 'int32':
        return l.output(l.toInt32(operand));
      case 'bool': {
        const zero = scalar(0, operand.value.type);
        const equal = l.op('Equal', [operand, zero], { type: ElementType.bool, shape: x.shape });
        return l.output(l.op('Not', [equal], { type: ElementType.bool, shape: x.shape }));
      }
      default:
        return null;
    }
  }),
];
