/**
 * Layer normalization over the last axis (Ba, Kiros and Hinton 2016, arXiv 1607.06450) and its gradient in closed form:
 * with n = (x - mean) r, r = 1 / sqrt(var + epsilon) and g = dy gain, dx = r (g - mean(g) - n mean(g n)).
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { float } from '../onnx/proto.js';
import { ElementType, kernel } from '../kernels/lowering.js';
import { reduceInStages } from '../kernels/long-sums.js';

const { float32 } = ElementType;

interface Forward {
  /** [rows, width] */
  x: TensorInfo;
  /** [width] */
  gain: TensorInfo;
  /** [width] */
  bias: TensorInfo;
}
interface Backward {
  dy: TensorInfo;
  x: TensorInfo;
  gain: TensorInfo;
  /** [rows, 1] */
  mean: TensorInfo;
  /** [rows, 1]: 1 / sqrt(variance + epsilon) */
  scale: TensorInfo;
}

export const layerNormKernels = [
  /** -> value [rows, width], mean [rows, 1], scale [rows, 1] */
  kernel<Forward, { epsilon: number }>('FusedLayerNorm', (l, { x, gain, bias }, { epsilon }) => {
    const column = [x.shape[0]!, 1];
    return l
      .ops(
        'LayerNormalization',
        [l.input(x), l.input(gain), l.input(bias)],
        [x.shape, column, column].map((shape) => ({ type: float32, shape })),
        { axis: -1, epsilon: float(epsilon) },
      )
      .map((output) => l.output(output));
  }),
  /** -> dx [rows, width], dGain [width], dBias [width] */
  kernel<Backward>('FusedLayerNormGrad', (l, inputs) => {
    const { shape } = inputs.x;
    const [dy, x, gain] = [l.input(inputs.dy), l.input(inputs.x), l.input(inputs.gain)];
    const [mean, scale] = [l.input(inputs.mean), l.input(inputs.scale)];
    const normal = l.map('Mul', l.map('Sub', x, mean), scale);
    const scaled = l.map('Mul', dy, gain);
    const along = reduceInStages(l, 'ReduceMean', l.map('Mul', scaled, normal), [1], true);
    const rest = l.map(
      'Sub',
      l.map('Sub', scaled, reduceInStages(l, 'ReduceMean', scaled, [1], true)),
      l.map('Mul', normal, along),
    );
    const dx = l.float('Mul', [rest, scale], shape);
    const dGain = reduceInStages(l, 'ReduceSum', l.map('Mul', dy, normal), [0], false);
    return [dx, dGain, reduceInStages(l, 'ReduceSum', dy, [0], false)].map((output) => l.output(output));
  }),
];
