/** Elementwise kernels. tfjs has cast both operands to one dtype before they get here. */
import { backend_util } from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { float } from '../onnx/proto.js';
import { ElementType, kernel, scalar } from './lowering.js';
import type { Attributes, Input, Lowering } from './lowering.js';

interface Pair {
  a: TensorInfo;
  b: TensorInfo;
}

const outShape = ({ a, b }: Pair): number[] => backend_util.assertAndGetBroadcastShape(a.shape, b.shape);

/** Operator of two operands of one type; `types` lists those that ONNX Runtime's CPU provider has. */
const binary = (name: string, operator: string, types: readonly ElementType[]) =>
  kernel<Pair>(name, (l, inputs) => {
    const [a, b] = [l.input(inputs.a), l.input(inputs.b)];
    const { type } = a.value;
    if (type !== b.value.type || !types.includes(type)) return null;
    return l.output(l.op(operator, [a, b], { type, shape: outShape(inputs) }));
  });

const comparison = (name: string, operator: string, negate = false) =>
  kernel<Pair>(name, (l, inputs) => {
    let [a, b] = [l.input(inputs.a), l.input(inputs.b)];
    if (a.value.type === ElementType.bool && operator !== 'Equal') {
      [a, b] = [l.cast(a, ElementType.int32), l.cast(b, ElementType.int32)];
    }
    if (a.value.type !== b.value.type) return null;
    const output = { type: ElementType.bool, shape: outShape(inputs) };
    const result = l.op(operator, [a, b], output);
    return l.output(negate ? l.op('Not', [result], output) : result);
  });

const { float32, int32, bool } = ElementType;

/** Float32 in, float32 out; other dtypes go to the CPU kernel. */
const unary = (name: string, lower: (l: Lowering, x: Input, attrs: never) => Input) =>
  kernel<{ x: TensorInfo }>(name, (l, { x }, attrs) => {
    const operand = l.input(x);
    return operand.value.type === float32 ? l.output(lower(l, operand, attrs as never)) : null;
  });

const operator = (name: string, type: string, attributes: Attributes = {}) =>
  unary(name, (l, x) => l.float(type, [x], x.shape, attributes));

/** Operators that ONNX Runtime has for int32, too. */
const signed = (name: string, type: string) =>
  kernel(name, (l, { x }) => {
    const operand = l.input(x);
    if (operand.value.type === bool) return null;
    return l.output(l.op(type, [operand], { type: operand.value.type, shape: x.shape }));
  });

export const arithmeticKernels = [
  binary('Add', 'Add', [float32, int32]),
  binary('Sub', 'Sub', [float32, int32]),
  binary('Multiply', 'Mul', [float32, int32]),
  binary('RealDiv', 'Div', [float32]),
  binary('Maximum', 'Max', [float32, int32]),
  binary('Minimum', 'Min', [float32, int32]),
  kernel<Pair>('SquaredDifference', (l, inputs) => {
    const [a, b] = [l.input(inputs.a), l.input(inputs.b)];
    if (a.value.type === bool) return null;
    const spec = { type: a.value.type, shape: outShape(inputs) };
    const difference = l.op('Sub', [a, b], spec);
    return l.output(l.op('Mul', [difference, difference], spec));
  }),
  kernel<Pair>('FloorDiv', (l, inputs) => {
    const [a, b] = [l.input(inputs.a), l.input(inputs.b)];
    if (a.value.type !== float32) return null;
    const shape = outShape(inputs);
    return l.output(l.float('Floor', [l.float('Div', [a, b], shape)], shape));
  }),
  binary('Pow', 'Pow', [float32]),
  comparison('Equal', 'Equal'),
  comparison('NotEqual', 'Equal', true),
  comparison('Greater', 'Greater'),
  comparison('GreaterEqual', 'GreaterOrEqual'),
  comparison('Less', 'Less'),
  comparison('LessEqual', 'LessOrEqual'),
  binary('LogicalAnd', 'And', [bool]),
  binary('LogicalOr', 'Or', [bool]),
  kernel('LogicalNot', (l, { x }) =>
    x.dtype === 'bool' ? l.output(l.op('Not', [l.input(x)], { type: bool, shape: x.shape })) : null,
  ),
  kernel<Record<string, TensorInfo>>('AddN', (l, inputs) => {
    const operands = Object.values(inputs).map((info) => l.input(info));
    if (operands.some(({ value }) => value.type !== float32)) return null;
    return l.output(l.float('Sum', operands, operands[0]!.shape));
  }),
  kernel<{ condition: TensorInfo; t: TensorInfo; e: TensorInfo }>('Select', (l, { condition, t, e }) => {
    const [c, yes, no] = [l.input(condition), l.input(t), l.input(e)];
    if (c.value.type !== bool || yes.value.type !== no.value.type || yes.value.type === bool) return null;
    // A condition of rank 1 chooses whole entries of the first axis.
    const rank = t.shape.length;
    const chosen =
      condition.shape.length === rank
        ? c
        : l.reshape(c, [...condition.shape, ...Array<number>(rank - 1).fill(1)]);
    return l.output(l.op('Where', [chosen, yes, no], { type: yes.value.type, shape: t.shape }));
  }),
  signed('Abs', 'Abs'),
  signed('Neg', 'Neg'),
  kernel('Square', (l, { x }) => {
    const operand = l.input(x);
    if (operand.value.type === bool) return null;
    return l.output(l.op('Mul', [operand, operand], { type: operand.value.type, shape: x.shape }));
  }),
  ...[
    'Exp',
    'Log',
    'Sqrt',
    'Tanh',
    'Sigmoid',
    'Erf',
    'Sin',
    'Cos',
    'Tan',
    'Floor',
    'Ceil',
    'Sign',
    'Reciprocal',
  ].map((name) => operator(name, name)),
  // Both round halves to even.
  operator('Round', 'Round'),
  unary('Rsqrt', (l, x) => l.map('Reciprocal', l.map('Sqrt', x))),
  operator('Relu', 'Relu'),
  unary('Relu6', (l, x) => l.float('Clip', [x, scalar(0), scalar(6)], x.shape)),
  operator('Elu', 'Elu', { alpha: float(1) }),
  operator('Softplus', 'Softplus'),
  unary('LeakyRelu', (l, x, { alpha }: { alpha: number }) =>
    l.float('LeakyRelu', [x], x.shape, { alpha: float(alpha) }),
  ),
  unary(
    'ClipByValue',
    (l, x, { clipValueMin, clipValueMax }: { clipValueMin: number; clipValueMax: number }) =>
      l.float('Clip', [x, scalar(clipValueMin), scalar(clipValueMax)], x.shape),
  ),
];
