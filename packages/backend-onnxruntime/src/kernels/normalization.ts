/** Normalized exponentials and normalization by given moments. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { ElementType, kernel, scalar } from './lowering.js';

const { float32 } = ElementType;

/** Whether `shape` goes along the last axes of `x`, as broadcasting does. */
function isTrailing(shape: readonly number[], x: readonly number[]): boolean {
  const first = shape.findIndex((n) => n !== 1);
  const own = first < 0 ? [] : shape.slice(first);
  return (
    shape.length <= x.length &&
    own.length <= x.length &&
    own.every((n, i) => n === x[x.length - own.length + i])
  );
}

interface BatchNorm {
  x: TensorInfo;
  mean: TensorInfo;
  variance: TensorInfo;
  scale?: TensorInfo;
  offset?: TensorInfo;
}

export const normalizationKernels = [
  kernel<{ logits: TensorInfo }, { dim: number }>('Softmax', (l, { logits }, { dim }) => {
    const x = l.input(logits);
    if (x.value.type !== float32) return null;
    const axis = dim < 0 ? dim + logits.shape.length : dim;
    return l.output(l.float('Softmax', [x], logits.shape, { axis }));
  }),
  kernel<BatchNorm, { varianceEpsilon?: number | null }>('FusedBatchNorm', (l, inputs, attrs) => {
    const { x, mean, variance, scale, offset } = inputs;
    const others = [mean, variance, scale, offset].filter((info) => info !== undefined && info !== null);
    if (mean.shape.length !== variance.shape.length || x.dtype !== 'float32') return null;
    if (others.some(({ dtype, shape }) => dtype !== 'float32' || !isTrailing(shape, x.shape))) return null;
    const deviation = l.map('Sqrt', l.map('Add', l.input(variance), scalar(attrs.varianceEpsilon ?? 0.001)));
    let result = l.map('Sub', l.input(x), l.input(mean));
    if (scale) result = l.map('Mul', result, l.input(scale));
    result = l.map('Div', result, deviation);
    return l.output(offset ? l.map('Add', result, l.input(offset)) : result);
  }),
];
