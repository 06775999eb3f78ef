/** Matrix products. ONNX Runtime's own `FusedMatMul` takes transposed operands, so that nothing is transposed in memory. */
import { backend_util, broadcast_util as broadcasting } from '@tensorflow/tfjs-core';
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { activate, isActivation } from './activations.js';
import type { Activation } from './activations.js';
import { ElementType, kernel, MICROSOFT } from './lowering.js';
import type { Attributes, Input, Lowering } from './lowering.js';
import { reduceInStages } from './long-sums.js';

/** [.., m, k] x [.., k, n], either one stored transposed; leading axes broadcast. */
export function matMul(
  l: Lowering,
  a: Input,
  b: Input,
  transA: boolean,
  transB: boolean,
  attributes: Attributes = {},
): Input {
  const rows = a.shape.at(transA ? -1 : -2)!;
  const columns = b.shape.at(transB ? -2 : -1)!;
  const batch = broadcasting.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const shape = [...batch, rows, columns];
  if (rows === 1 && columns === 1 && Object.keys(attributes).length === 0) {
    return l.reshape(dot(l, vectorsOf(l, a), vectorsOf(l, b), batch), shape);
  }
  if (!transA && !transB && Object.keys(attributes).length === 0) return l.float('MatMul', [a, b], shape);
  return l.float(
    'FusedMatMul',
    [a, b],
    shape,
    { transA: transA ? 1 : 0, transB: transB ? 1 : 0, ...attributes },
    MICROSOFT,
  );
}

/** [.., m, k] of one row or one column -> [.., k] */
const vectorsOf = (l: Lowering, x: Input): Input =>
  l.reshape(x, [...x.shape.slice(0, -2), x.shape.at(-1)! * x.shape.at(-2)!]);

/** [.., k] and [.., k] -> [..]: a sum like any other. Of larger products ONNX Runtime adds short stretches by itself. */
function dot(l: Lowering, a: Input, b: Input, batch: readonly number[]): Input {
  const products = l.float('Mul', [a, b], [...batch, a.shape.at(-1)!]);
  return reduceInStages(l, 'ReduceSum', products, [batch.length], false);
}

/** Einsum of one operand is no product: dimensions below `kept` come in their order, the others are summed over. */
function rearranged(l: Lowering, x: Input, dims: readonly number[], kept: number): Input {
  const axes = dims.flatMap((dim, axis) => (dim >= kept ? [axis] : []));
  const sums = axes.length === 0 ? x : reduceInStages(l, 'ReduceSum', x, axes, false);
  const order = dims.filter((dim) => dim < kept);
  return l.transpose(
    sums,
    order.map((_, dim) => order.indexOf(dim)),
  );
}

interface Transposes {
  transposeA: boolean;
  transposeB: boolean;
}

interface Factors {
  a: TensorInfo;
  b: TensorInfo;
}

const { float32, int32 } = ElementType;

function product(l: Lowering, { a, b }: Factors, { transposeA, transposeB }: Transposes): Input | null {
  const [left, right] = [l.input(a), l.input(b)];
  if (left.value.type !== float32 || right.value.type !== float32) return null;
  const inner = [a.shape.at(transposeA ? -2 : -1), b.shape.at(transposeB ? -1 : -2)];
  if (inner[0] !== inner[1]) return null; // the CPU kernel says what is wrong
  return matMul(l, left, right, transposeA, transposeB);
}

export const productKernels = [
  kernel<Factors, Transposes>('BatchMatMul', (l, inputs, attrs) => {
    const result = product(l, inputs, attrs);
    return result && l.output(result);
  }),
  kernel<Factors & { bias?: TensorInfo; preluActivationWeights?: TensorInfo }, Transposes & Activation>(
    '_FusedMatMul',
    (l, { a, b, bias, preluActivationWeights: slopes }, attrs) => {
      const others = [bias, slopes].filter((info) => info !== undefined && info !== null);
      if (others.some(({ dtype }) => dtype !== 'float32') || !isActivation(attrs.activation)) return null;
      let result = product(l, { a, b }, attrs);
      if (!result) return null;
      if (bias) result = l.map('Add', result, l.input(bias));
      return l.output(activate(l, result, attrs, slopes && l.input(slopes)));
    },
  ),
  kernel<TensorInfo[], { equation: string }>('Einsum', (l, tensors, { equation }) => {
    const { allDims, summedDims, idDims } = backend_util.decodeEinsumEquation(equation, tensors.length);
    backend_util.checkEinsumDimSizes(allDims.length, idDims, tensors as Tensor[]);
    const operands = tensors.map((info) => l.input(info));
    const { type } = operands[0]!.value;
    if (type !== float32 && type !== int32) return null;
    if (operands.some((x) => x.value.type !== type || x.shape.length === 0)) return null;
    const sizes = new Map(
      operands.flatMap((x, term) => idDims[term]!.map((dim, axis) => [dim, x.shape[axis]!])),
    );
    // tfjs numbers the dimensions that stay first.
    const kept = allDims.length - summedDims.length;
    const [x, y] = operands as [Input, Input?];
    if (y === undefined) return l.output(rearranged(l, x, idDims[0]!, kept));
    if (
      kept === 0 &&
      x.shape.length === 1 &&
      allDims.length === 1 &&
      operands.length === 2 &&
      type === float32
    ) {
      return l.output(dot(l, x, y, []));
    }
    const shape = allDims.slice(0, kept).map((_, dim) => sizes.get(dim)!);
    const attributes = { equation: equation.replaceAll(/\s/g, '') };
    return l.output(l.op('Einsum', operands, { type, shape }, attributes));
  }),
];
