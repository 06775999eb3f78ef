/** Elementwise kernels of two or more operands. tfjs has cast the operands to one dtype before they get here. */
import { backend_util } from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { ElementType, kernel, scalar } from './lowering.js';
import type { Input, Lowering } from './lowering.js';

interface Pair {
  a: TensorInfo;
  b: TensorInfo;
}

const { float32, int32, bool } = ElementType;

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
    if (a.value.type !== b.value.type) return null;
    if (a.value.type === bool && operator !== 'Equal') [a, b] = [l.cast(a, int32), l.cast(b, int32)];
    const result = l.op(operator, [a, b], { type: bool, shape: outShape(inputs) });
    return l.output(negate ? l.test('Not', result) : result);
  });

/** Quotients and remainders of integers: a processor traps on division by zero, and tfjs gives 0. */
function dividing(l: Lowering, b: Input): { divisor: Input; isZero: Input; isMinusOne: Input } {
  const isZero = l.test('Equal', b, scalar(0, int32));
  // The lowest integer divided by -1 traps too.
  const isMinusOne = l.test('Equal', b, scalar(-1, int32));
  return { divisor: l.where(l.test('Or', isZero, isMinusOne), scalar(1, int32), b), isZero, isMinusOne };
}

function floorDiv(l: Lowering, a: Input, b: Input, shape: readonly number[]): Input {
  const output = { type: int32, shape };
  const { divisor, isZero, isMinusOne } = dividing(l, b);
  const quotient = l.op('Div', [a, divisor], output);
  const rest = l.op('Sub', [a, l.op('Mul', [quotient, divisor], output)], output);
  const negative = (x: Input): Input => l.test('Less', x, scalar(0, int32));
  const unequal = l.op('Xor', [negative(rest), negative(divisor)], { type: bool, shape });
  const below = l.test('And', unequal, l.test('Not', l.test('Equal', rest, scalar(0, int32))));
  const floored = l.op('Sub', [quotient, l.cast(below, int32)], output);
  const negated = l.op('Neg', [a], { type: int32, shape: a.shape });
  return l.where(isZero, scalar(0, int32), l.where(isMinusOne, negated, floored, shape), shape);
}

export const arithmeticKernels = [
  binary('Add', 'Add', [float32, int32]),
  binary('Sub', 'Sub', [float32, int32]),
  binary('Multiply', 'Mul', [float32, int32]),
  binary('RealDiv', 'Div', [float32]),
  binary('Maximum', 'Max', [float32, int32]),
  binary('Minimum', 'Min', [float32, int32]),
  binary('Pow', 'Pow', [float32]),
  binary('BitwiseAnd', 'BitwiseAnd', [int32]),
  kernel<Pair>('SquaredDifference', (l, inputs) => {
    const [a, b] = [l.input(inputs.a), l.input(inputs.b)];
    if (a.value.type === bool || a.value.type !== b.value.type) return null;
    const spec = { type: a.value.type, shape: outShape(inputs) };
    const difference = l.op('Sub', [a, b], spec);
    return l.output(l.op('Mul', [difference, difference], spec));
  }),
  // Of floats, too, the result is int32 in tfjs.
  kernel<Pair>('FloorDiv', (l, inputs) => {
    const [a, b] = [l.input(inputs.a), l.input(inputs.b)];
    const { type } = a.value;
    if (type !== b.value.type || type === bool) return null;
    const shape = outShape(inputs);
    if (type === int32) return l.output(floorDiv(l, a, b, shape));
    return l.output(l.toInt32(l.map('Floor', l.float('Div', [a, b], shape))));
  }),
  // The result has the sign of the divisor, as in Python.
  kernel<Pair>('Mod', (l, inputs) => {
    const [a, b] = [l.input(inputs.a), l.input(inputs.b)];
    const { type } = a.value;
    if (type !== b.value.type || type === bool) return null;
    const shape = outShape(inputs);
    if (type === int32) return l.output(l.op('Mod', [a, dividing(l, b).divisor], { type, shape }));
    const rest = l.float('Mod', [a, b], shape, { fmod: 1 });
    const negative = (x: Input): Input => l.test('Less', x, scalar(0));
    const unequal = l.op('Xor', [negative(a), negative(b)], { type: bool, shape });
    const moved = l.float('Mod', [l.float('Add', [rest, b], shape), b], shape, { fmod: 1 });
    return l.output(l.where(unequal, moved, rest));
  }),
  comparison('Equal', 'Equal'),
  comparison('NotEqual', 'Equal', true),
  comparison('Greater', 'Greater'),
  comparison('GreaterEqual', 'GreaterOrEqual'),
  comparison('Less', 'Less'),
  comparison('LessEqual', 'LessOrEqual'),
  binary('LogicalAnd', 'And', [bool]),
  binary('LogicalOr', 'Or', [bool]),
  kernel('LogicalNot', (l, { x }) => (x.dtype === 'bool' ? l.output(l.test('Not', l.input(x))) : null)),
  kernel<TensorInfo[]>('AddN', (l, inputs) => {
    const operands = inputs.map((info) => l.input(info));
    const [first, ...others] = operands as [Input, ...Input[]];
    const { type } = first.value;
    if (type === bool || others.some(({ value }) => value.type !== type)) return null;
    if (type === float32) return l.output(l.map('Sum', first, ...others));
    return l.output(others.reduce((sum, x) => l.op('Add', [sum, x], { type, shape: sum.shape }), first));
  }),
  kernel<{ condition: TensorInfo; t: TensorInfo; e: TensorInfo }>('Select', (l, { condition, t, e }) => {
    const [c, yes, no] = [l.input(condition), l.input(t), l.input(e)];
    const rank = t.shape.length;
    if (c.value.type !== bool || yes.value.type !== no.value.type) return null;
    if (rank > 0 && condition.shape.length === 0) return null;
    // A condition of rank 1 chooses whole entries of the first axis.
    const chosen =
      condition.shape.length === rank
        ? c
        : l.reshape(c, [...condition.shape, ...Array<number>(rank - 1).fill(1)]);
    if (yes.value.type !== bool) return l.output(l.where(chosen, yes, no, t.shape));
    const output = { type: bool, shape: t.shape };
    const taken = l.op('And', [chosen, yes], output);
    return l.output(l.test('Or', taken, l.op('And', [l.test('Not', chosen), no], output)));
  }),
];
