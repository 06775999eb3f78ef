/** Elementwise kernels of one operand. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { ElementType, kernel, scalar } from './lowering.js';
import type { Input, Lowering } from './lowering.js';

const { float32, int32, bool } = ElementType;

/** Of float32; other dtypes go to the CPU kernel. */
export const unary = <A>(name: string, lower: (l: Lowering, x: Input, attrs: A) => Input) =>
  kernel<{ x: TensorInfo }, A>(name, (l, { x }, attrs) => {
    const operand = l.input(x);
    return operand.value.type === float32 ? l.output(lower(l, operand, attrs)) : null;
  });

/** Operators that ONNX Runtime has for int32, too. */
export const signed = (name: string, lower: (l: Lowering, x: Input) => Input) =>
  kernel(name, (l, { x }) => {
    const operand = l.input(x);
    return operand.value.type === bool ? null : l.output(lower(l, operand));
  });

const same = (l: Lowering, operator: string, x: Input): Input =>
  l.op(operator, [x], { type: x.value.type, shape: x.shape });

const isNaN = (l: Lowering, x: Input): Input => l.test('IsNaN', x);
const isInfinite = (l: Lowering, x: Input): Input => l.test('IsInf', x);

/**
 * log(1 + x) without losing the digits of a small x. With u = 1 + x as rounded, log(u) x / (u - 1) is exact to a few
 * units in the last place: Goldberg, What Every Computer Scientist Should Know About Floating-Point Arithmetic (1991),
 * theorem 4.
 */
function log1p(l: Lowering, x: Input): Input {
  const u = l.map('Add', x, scalar(1));
  const ratio = l.map('Div', x, l.map('Sub', u, scalar(1)));
  const exact = l.map('Mul', l.map('Log', u), ratio);
  const kept = l.where(l.test('Equal', u, scalar(1)), x, exact);
  return l.where(l.test('Equal', u, scalar(Infinity)), x, kept);
}

/** exp(x) - 1, likewise (u - 1) x / log(u) with u = exp(x): Higham, Accuracy and Stability (2002), section 1.14. */
function expm1(l: Lowering, x: Input): Input {
  const u = l.map('Exp', x);
  const less = l.map('Sub', u, scalar(1));
  const exact = l.map('Mul', less, l.map('Div', x, l.map('Log', u)));
  const kept = l.where(l.test('Equal', u, scalar(1)), x, exact);
  const isEdge = l.test('Or', l.test('Equal', less, scalar(-1)), isInfinite(l, u));
  return l.where(isEdge, less, kept);
}

interface Bounds {
  clipValueMin: number;
  clipValueMax: number;
}

const toInt32 = (bound: number): number => Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.trunc(bound)));

export const unaryKernels = [
  signed('Abs', (l, x) => same(l, 'Abs', x)),
  signed('Neg', (l, x) => same(l, 'Neg', x)),
  signed('Square', (l, x) => l.op('Mul', [x, x], { type: x.value.type, shape: x.shape })),
  // tfjs gives 0 for NaN.
  signed('Sign', (l, x) =>
    same(l, 'Sign', x.value.type === float32 ? l.where(isNaN(l, x), scalar(0), x) : x),
  ),
  ...[
    'Exp',
    'Log',
    'Sqrt',
    'Tanh',
    'Erf',
    'Sin',
    'Cos',
    'Sinh',
    'Cosh',
    'Asin',
    'Acos',
    'Atan',
    'Asinh',
    'Acosh',
    'Atanh',
    'Floor',
    'Ceil',
    'Reciprocal',
    // Both round halves to even.
    'Round',
  ].map((name) => unary(name, (l, x) => l.map(name, x))),
  unary('Rsqrt', (l, x) => l.map('Reciprocal', l.map('Sqrt', x))),
  unary('Log1p', log1p),
  unary('Expm1', expm1),
  unary('IsNan', isNaN),
  unary('IsInf', isInfinite),
  unary('IsFinite', (l, x) => l.test('Not', l.test('Or', isNaN(l, x), isInfinite(l, x)))),
  kernel<{ x: TensorInfo }, Bounds>('ClipByValue', (l, { x }, { clipValueMin, clipValueMax }) => {
    const operand = l.input(x);
    const { type } = operand.value;
    if (type === bool) return null;
    const bounds = [clipValueMin, clipValueMax].map((n) => scalar(type === int32 ? toInt32(n) : n, type));
    return l.output(l.op('Clip', [operand, ...bounds], { type, shape: x.shape }));
  }),
];
