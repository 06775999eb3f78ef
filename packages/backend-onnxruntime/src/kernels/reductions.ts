/** Reductions, orders and running sums. */
import { util } from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { ElementType, ints, kernel, scalar } from './lowering.js';
import type { Input, Lowering } from './lowering.js';
import { reduceInStages, runningSum } from './long-sums.js';

interface Axes {
  axis: number | number[];
  /** The name of `axis` in Max alone. */
  reductionIndices?: number | number[];
  keepDims: boolean;
}

const { float32, int32, int64, bool } = ElementType;

const axesOf = ({ axis, reductionIndices = axis }: Axes, { shape }: TensorInfo): number[] =>
  util.parseAxisParam(reductionIndices, shape);

type Reduce = (l: Lowering, x: Input, axes: readonly number[], keep: boolean) => Input;

// ONNX reads an empty list of axes as all axes.
const unlessNone =
  (reduce: Reduce): Reduce =>
  (l, x, axes, keep) =>
    axes.length === 0
      ? l.op('Identity', [x], { type: x.value.type, shape: x.shape })
      : reduce(l, x, axes, keep);
const reduceBy = (operator: string): Reduce =>
  unlessNone((l, x, axes, keep) => l.reduce(operator, x, axes, keep));
const sum = unlessNone((l, x, axes, keep) => reduceInStages(l, 'ReduceSum', x, axes, keep));
const mean = unlessNone((l, x, axes, keep) => reduceInStages(l, 'ReduceMean', x, axes, keep));

const reduction = (name: string, reduce: Reduce) =>
  kernel<{ x: TensorInfo }, Axes>(name, (l, { x }, attrs) => {
    const operand = l.input(x);
    if (operand.value.type === bool) return null;
    return l.output(reduce(l, operand, axesOf(attrs, x), attrs.keepDims));
  });

/** ONNX Runtime's largest and smallest pass NaN over, and tfjs wants it to win: a sum of signs is NaN where one is. */
const extreme = (name: string, operator: string) =>
  kernel<{ x: TensorInfo }, Axes>(name, (l, { x }, attrs) => {
    const operand = l.input(x);
    const { type } = operand.value;
    if (type === bool) return null;
    const axes = axesOf(attrs, x);
    const found = reduceBy(operator)(l, operand, axes, attrs.keepDims);
    if (type !== float32 || axes.length === 0) return l.output(found);
    const signs = l.reduce('ReduceSum', l.map('Sign', operand), axes, attrs.keepDims);
    return l.output(l.where(l.test('IsNaN', signs), signs, found));
  });

/** Reductions of truth values. */
const verdict = (name: string, operator: string) =>
  kernel<{ x: TensorInfo }, Axes>(name, (l, { x }, attrs) => {
    if (x.dtype !== 'bool') return null;
    const numbers = l.cast(l.input(x), int32);
    return l.output(l.cast(reduceBy(operator)(l, numbers, axesOf(attrs, x), attrs.keepDims), bool));
  });

const winner = (name: string, operator: string, last: number) =>
  kernel<{ x: TensorInfo }, { axis: number }>(name, (l, { x }, { axis }) => {
    let operand = l.input(x);
    if (operand.value.type === bool || x.shape.length === 0) return null;
    const [dim] = util.parseAxisParam(axis, x.shape);
    // NaN never wins.
    if (operand.value.type === float32) operand = l.where(l.test('IsNaN', operand), scalar(last), operand);
    const shape = x.shape.filter((_, index) => index !== dim);
    const index = l.op(operator, [operand], { type: int64, shape }, { axis: dim!, keepdims: 0 });
    return l.output(l.cast(index, int32));
  });

export const reductionKernels = [
  reduction('Sum', sum),
  // Nothing to gain from blocks here: in any order, each factor adds as much to the error.
  reduction('Prod', reduceBy('ReduceProd')),
  extreme('Max', 'ReduceMax'),
  extreme('Min', 'ReduceMin'),
  verdict('All', 'ReduceMin'),
  verdict('Any', 'ReduceMax'),
  winner('ArgMax', 'ArgMax', -Infinity),
  winner('ArgMin', 'ArgMin', Infinity),
  kernel<{ x: TensorInfo }, Axes>('Mean', (l, { x }, attrs) => {
    const operand = l.cast(l.input(x), float32);
    return l.output(mean(l, operand, axesOf(attrs, x), attrs.keepDims));
  }),
  // Of equal numbers the one that stands first comes first, here and there.
  kernel<{ x: TensorInfo }, { k: number }>('TopK', (l, { x }, { k }) => {
    const operand = l.input(x);
    const { type } = operand.value;
    if (type === bool || x.shape.length === 0 || k === 0) return null;
    const shape = [...x.shape.slice(0, -1), k];
    const outputs = [
      { type, shape },
      { type: int64, shape },
    ];
    const [values, places] = l.ops('TopK', [operand, ints([k])], outputs) as [Input, Input];
    return [l.output(values), l.output(l.cast(places, int32))];
  }),
  kernel<{ x: TensorInfo }, { axis: number; exclusive: boolean; reverse: boolean }>(
    'Cumsum',
    (l, { x }, { axis, exclusive, reverse }) => {
      const operand = l.input(x);
      if (operand.value.type === bool || x.shape.length === 0) return null;
      const [dim] = util.parseAxisParam(axis, x.shape);
      return l.output(runningSum(l, operand, dim!, { exclusive, reverse }));
    },
  ),
];
