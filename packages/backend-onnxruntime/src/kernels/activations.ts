/** Activation functions, by themselves and behind products and convolutions. */
import { backend_util, broadcast_util as broadcasting } from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { float } from '../onnx/proto.js';
import { ElementType, kernel, scalar } from './lowering.js';
import type { Input, Lowering } from './lowering.js';
import { signed, unary } from './unary.js';

const { float32 } = ElementType;

const SELU = {
  alpha: float(backend_util.SELU_SCALEALPHA / backend_util.SELU_SCALE),
  gamma: float(backend_util.SELU_SCALE),
};

const relu = (l: Lowering, x: Input): Input => l.op('Relu', [x], { type: x.value.type, shape: x.shape });
const relu6 = (l: Lowering, x: Input): Input => l.map('Clip', x, scalar(0), scalar(6));
const elu = (l: Lowering, x: Input): Input => l.float('Elu', [x], x.shape, { alpha: float(1) });
const leakyRelu = (l: Lowering, x: Input, alpha: number): Input =>
  l.float('LeakyRelu', [x], x.shape, { alpha: float(alpha) });

function prelu(l: Lowering, x: Input, alpha: Input): Input {
  const shape = broadcasting.assertAndGetBroadcastShape([...x.shape], [...alpha.shape]);
  const negative = l.test('Less', x, scalar(0));
  return l.where(negative, l.float('Mul', [x, alpha], shape), x, shape);
}

export interface Activation {
  readonly activation?: string;
  readonly leakyreluAlpha?: number;
}

const PLAIN: Readonly<Record<string, (l: Lowering, x: Input) => Input>> = {
  linear: (_l, x) => x,
  relu,
  relu6,
  elu,
  sigmoid: (l, x) => l.map('Sigmoid', x),
};

/** Whether `activate` has this activation. */
export const isActivation = (name = 'linear'): boolean =>
  name in PLAIN || name === 'leakyrelu' || name === 'prelu';

/** @param slopes weights of PReLU */
export function activate(
  l: Lowering,
  x: Input,
  { activation = 'linear', leakyreluAlpha = 0.2 }: Activation,
  slopes?: Input,
): Input {
  if (activation === 'leakyrelu') return leakyRelu(l, x, leakyreluAlpha);
  if (activation === 'prelu') return prelu(l, x, slopes!);
  return PLAIN[activation]!(l, x);
}

export const activationKernels = [
  signed('Relu', relu),
  unary('Relu6', relu6),
  unary('Elu', elu),
  unary('Selu', (l, x) => l.float('Selu', [x], x.shape, SELU)),
  unary('Sigmoid', (l, x) => l.map('Sigmoid', x)),
  unary('Softplus', (l, x) => l.map('Softplus', x)),
  unary<{ alpha: number }>('LeakyRelu', (l, x, { alpha }) => leakyRelu(l, x, alpha)),
  unary<{ alpha: number }>('Step', (l, x, { alpha }) => {
    const step = l.where(l.test('Greater', x, scalar(0)), scalar(1), scalar(alpha));
    return l.where(l.test('IsNaN', x), x, step);
  }),
  kernel<{ x: TensorInfo; alpha: TensorInfo }>('Prelu', (l, { x, alpha }) => {
    const [operand, slopes] = [l.input(x), l.input(alpha)];
    if (operand.value.type !== float32 || slopes.value.type !== float32) return null;
    return l.output(prelu(l, operand, slopes));
  }),
  // The derivative, from the result y: 1 where it is positive, y + 1 elsewhere.
  kernel<{ dy: TensorInfo; y: TensorInfo }>('EluGrad', (l, inputs) => {
    const [dy, y] = [l.input(inputs.dy), l.input(inputs.y)];
    if (dy.value.type !== float32 || y.value.type !== float32) return null;
    const below = l.map('Mul', dy, l.map('Add', y, scalar(1)));
    return l.output(l.where(l.test('GreaterOrEqual', y, scalar(0)), dy, below));
  }),
];
