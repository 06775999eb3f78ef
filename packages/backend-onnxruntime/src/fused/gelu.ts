/**
 * Both GELUs (Hendrycks and Gimpel 2016, arXiv 1606.08415). `gelu_new` is the tanh approximation, which is
 * x sigmoid(2u) with 2u = x (LINEAR + CUBIC x^2); its gradient computes the gate anew instead of keeping it.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { kernel, MICROSOFT, scalar } from '../kernels/lowering.js';
import type { Input, Lowering } from '../kernels/lowering.js';

const LINEAR = 2 * Math.sqrt(2 / Math.PI);
const CUBIC = LINEAR * 0.044715;

export type GeluKind = 'gelu' | 'gelu_new';

interface Kind {
  kind: GeluKind;
}

export function geluOf(l: Lowering, x: Input, kind: GeluKind): Input {
  return l.float(kind === 'gelu' ? 'Gelu' : 'FastGelu', [x], x.shape, {}, MICROSOFT);
}

/** What is needed of one input in a gradient, sharing what both have in common. */
export interface GeluParts {
  readonly value: Input;
  /** dValue / dx */
  readonly slope: Input;
}

export function geluParts(l: Lowering, x: Input, kind: GeluKind): GeluParts {
  return kind === 'gelu' ? { value: geluOf(l, x, kind), slope: exactSlope(l, x) } : tanhParts(l, x);
}

/** Value y = x s and slope s + (y - y s) (2u)', with the gate s = sigmoid(2u) and (2u)' = LINEAR + 3 CUBIC x^2. */
function tanhParts(l: Lowering, x: Input): GeluParts {
  const square = l.map('Mul', x, x);
  const inner = l.map('Mul', l.map('Add', l.map('Mul', square, scalar(CUBIC)), scalar(LINEAR)), x);
  const gate = l.map('Sigmoid', inner);
  const value = l.map('Mul', x, gate);
  const steepness = l.map('Add', l.map('Mul', square, scalar(3 * CUBIC)), scalar(LINEAR));
  const bend = l.map('Mul', l.map('Sub', value, l.map('Mul', value, gate)), steepness);
  return { value, slope: l.map('Add', bend, gate) };
}

/** Phi + x phi with the normal distribution function and density. */
function exactSlope(l: Lowering, x: Input): Input {
  const erf = l.map('Erf', l.map('Mul', x, scalar(Math.SQRT1_2)));
  const cumulative = l.map('Mul', l.map('Add', erf, scalar(1)), scalar(0.5));
  const exponent = l.map('Mul', l.map('Mul', x, x), scalar(-0.5));
  const density = l.map('Mul', l.map('Exp', exponent), scalar(1 / Math.sqrt(2 * Math.PI)));
  return l.map('Add', l.map('Mul', density, x), cumulative);
}

export const geluKernels = [
  kernel<{ x: TensorInfo }, Kind>('FusedGelu', (l, { x }, { kind }) => l.output(geluOf(l, l.input(x), kind))),
  kernel<{ dy: TensorInfo; x: TensorInfo }, Kind>('FusedGeluGrad', (l, { dy, x }, { kind }) =>
    l.output(l.map('Mul', l.input(dy), geluParts(l, l.input(x), kind).slope)),
  ),
];
