/** Matrix products. ONNX Runtime's own `FusedMatMul` takes transposed operands, so that nothing is transposed in memory. */
import { backend_util, broadcast_util as broadcasting } from '@tensorflow/tfjs-core';
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { activate, isActivation } from './activations.js';
import type { Activation } from './activations.js';
import { ElementType, kernel, MICROSOFT } from './lowering.js';
import type { Attributes, Input, Lowering } from './lowering.js';

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
  if (!transA && !transB && Object.keys(attributes).length === 0) return l.float('MatMul', [a, b], shape);
  return l.float(
    'FusedMatMul',
    [a, b],
    shape,
    { transA: transA ? 1 : 0, transB: transB ? 1 : 0, ...attributes },
    MICROSOFT,
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
    const shape = allDims.slice(0, allDims.length - summedDims.length).map((_, dim) => sizes.get(dim)!);
    const attributes = { equation: equation.replaceAll(/\s/g, '') };
    return l.output(l.op('Einsum', operands, { type, shape }, attributes));
  }),
];
