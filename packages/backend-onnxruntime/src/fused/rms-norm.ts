/**
 * Root mean square normalization over the last axis (Zhang and Sennrich 2019, arXiv 1910.07467) and its gradient in closed
 * form: with n = x r, r = 1 / sqrt(mean(x^2) + epsilon) and g = dy gain, dx = r (g - n mean(g n)).
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
}
interface Backward extends Forward {
  dy: TensorInfo;
  /** [rows, 1]: 1 / sqrt(mean of squares + epsilon) */
  scale: TensorInfo;
}

export const rmsNormKernels = [
  /** -> value [rows, width], scale [rows, 1] */
  kernel<Forward, { epsilon: number }>('FusedRmsNorm', (l, { x, gain }, { epsilon }) =>
    l
      .ops(
        'SimplifiedLayerNormalization',
        [l.input(x), l.input(gain)],
        [x.shape, [x.shape[0]!, 1]].map((shape) => ({ type: float32, shape })),
        { axis: -1, epsilon: float(epsilon) },
      )
      .map((output) => l.output(output)),
  ),
  /** -> dx [rows, width], dGain [width] */
  kernel<Backward>('FusedRmsNormGrad', (l, inputs) => {
    const [dy, scale] = [l.input(inputs.dy), l.input(inputs.scale)];
    const normal = l.map('Mul', l.input(inputs.x), scale);
    const scaled = l.map('Mul', dy, l.input(inputs.gain));
    const along = reduceInStages(l, 'ReduceMean', l.map('Mul', scaled, normal), [1], true);
    const dx = l.map('Mul', l.map('Sub', scaled, l.map('Mul', normal, along)), scale);
    return [dx, reduceInStages(l, 'ReduceSum', l.map('Mul', dy, normal), [0], false)].map((output) =>
      l.output(output),
    );
  }),
];
