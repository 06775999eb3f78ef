/**
 * AdamW's update (Loshchilov & Hutter 2019) of one parameter, and sums of squares for clipping by the global norm.
 * Both take a group: what belongs to one layer runs as one graph, which all equal layers share.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { kernel, scalar } from '../kernels/lowering.js';
import type { Input } from '../kernels/lowering.js';
import { reduceInStages } from '../kernels/long-sums.js';

interface Group {
  group?: string;
}
const byGroup = { group: ({ group }: Group) => group };

interface Update {
  parameter: TensorInfo;
  gradient: TensorInfo;
  m: TensorInfo;
  v: TensorInfo;
  /** Scalars, see below. */
  stepSize: TensorInfo;
  epsilon: TensorInfo;
  keep?: TensorInfo;
  meanWeight: TensorInfo;
  squareWeight: TensorInfo;
}

export const optimizerKernels = [
  /**
   * m <- beta1 m + meanWeight g;  v <- beta2 v + squareWeight g^2;  p <- keep p - stepSize m / (sqrt(v) + epsilon)
   * -> parameter, m, v
   */
  kernel<Update, { beta1: number; beta2: number } & Group>(
    'FusedAdamW',
    (l, inputs, { beta1, beta2 }) => {
      const of = (info: TensorInfo): Input => l.input(info);
      const g = of(inputs.gradient);
      const m = l.map(
        'Add',
        l.map('Mul', of(inputs.m), scalar(beta1)),
        l.map('Mul', g, of(inputs.meanWeight)),
      );
      const square = l.map('Mul', l.map('Mul', g, g), of(inputs.squareWeight));
      const v = l.map('Add', l.map('Mul', of(inputs.v), scalar(beta2)), square);
      const direction = l.map('Div', m, l.map('Add', l.map('Sqrt', v), of(inputs.epsilon)));
      const parameter = of(inputs.parameter);
      const kept = inputs.keep ? l.map('Mul', parameter, of(inputs.keep)) : parameter;
      const moved = l.map('Sub', kept, l.map('Mul', direction, of(inputs.stepSize)));
      return [moved, m, v].map((output) => l.output(output));
    },
    byGroup,
  ),
  /** Any number of tensors -> the sum of the squares of all their elements, [] */
  kernel<Record<string, TensorInfo>, Group>(
    'SumOfSquares',
    (l, inputs) => {
      const sums = Object.values(inputs).map((info) => {
        const x = l.input(info);
        const axes = info.shape.map((_, axis) => axis);
        return axes.length === 0 ? l.map('Mul', x, x) : reduceInStages(l, 'ReduceSumSquare', x, axes, false);
      });
      return l.output(sums.length === 1 ? sums[0]! : l.float('Sum', sums, []));
    },
    byGroup,
  ),
];
