/** Reductions, normalized exponentials and running sums. */
import { util } from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { ElementType, ints, kernel, scalar } from './lowering.js';

interface Axes {
  axis: number | number[];
  /** The name of `axis` in Max alone. */
  reductionIndices?: number | number[];
  keepDims: boolean;
}

const { float32, int32, bool } = ElementType;

const reduction = (name: string, operator: string, types: readonly ElementType[]) =>
  kernel<{ x: TensorInfo }, Axes>(name, (l, { x }, { axis, reductionIndices = axis, keepDims }) => {
    const operand = l.input(x);
    if (!types.includes(operand.value.type)) return null;
    const axes = util.parseAxisParam(reductionIndices, x.shape);
    // ONNX reads an empty list as all axes.
    if (axes.length === 0)
      return l.output(l.op('Identity', [operand], { type: operand.value.type, shape: x.shape }));
    return l.output(l.reduce(operator, operand, axes, keepDims));
  });

const winner = (name: string, operator: string) =>
  kernel<{ x: TensorInfo }, { axis: number }>(name, (l, { x }, { axis }) => {
    const operand = l.input(x);
    if (operand.value.type === bool || x.shape.length === 0) return null;
    const [dim] = util.parseAxisParam(axis, x.shape);
    const shape = x.shape.filter((_, index) => index !== dim);
    const index = l.op(operator, [operand], { type: ElementType.int64, shape }, { axis: dim!, keepdims: 0 });
    return l.output(l.cast(index, int32));
  });

export const reductionKernels = [
  reduction('Sum', 'ReduceSum', [float32, int32]),
  reduction('Mean', 'ReduceMean', [float32]),
  reduction('Max', 'ReduceMax', [float32, int32]),
  reduction('Min', 'ReduceMin', [float32, int32]),
  reduction('Prod', 'ReduceProd', [float32, int32]),
  winner('ArgMax', 'ArgMax'),
  winner('ArgMin', 'ArgMin'),
  kernel<{ logits: TensorInfo }, { dim: number }>('Softmax', (l, { logits }, { dim }) => {
    const x = l.input(logits);
    if (x.value.type !== float32) return null;
    return l.output(
      l.float('Softmax', [x], logits.shape, { axis: dim < 0 ? dim + logits.shape.length : dim }),
    );
  }),
  kernel<{ logits: TensorInfo }, { axis: number }>('LogSoftmax', (l, { logits }, { axis }) => {
    const x = l.input(logits);
    if (x.value.type !== float32) return null;
    return l.output(l.float('LogSoftmax', [x], logits.shape, { axis }));
  }),
  kernel<{ x: TensorInfo }, { axis: number; exclusive: boolean; reverse: boolean }>(
    'Cumsum',
    (l, { x }, { axis, exclusive, reverse }) => {
      const operand = l.input(x);
      if (operand.value.type === bool || x.shape.length === 0) return null;
      const attributes = { exclusive: exclusive ? 1 : 0, reverse: reverse ? 1 : 0 };
      const [dim] = util.parseAxisParam(axis, x.shape);
      const { type } = operand.value;
      return l.output(l.op('CumSum', [operand, scalar(dim!, int32)], { type, shape: x.shape }, attributes));
    },
  ),
];
