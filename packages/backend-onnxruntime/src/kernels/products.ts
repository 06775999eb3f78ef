/** Matrix products. ONNX Runtime's own `FusedMatMul` takes transposed operands, so that nothing is transposed in memory. */
import { broadcast_util as broadcasting } from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
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

export const productKernels = [
  kernel<{ a: TensorInfo; b: TensorInfo }, Transposes>(
    'BatchMatMul',
    (l, { a, b }, { transposeA, transposeB }) => {
      const [left, right] = [l.input(a), l.input(b)];
      if (left.value.type !== ElementType.float32 || right.value.type !== ElementType.float32) return null;
      const inner = [a.shape.at(transposeA ? -2 : -1), b.shape.at(transposeB ? -1 : -2)];
      if (inner[0] !== inner[1]) return null; // the CPU kernel says what is wrong
      return l.output(matMul(l, left, right, transposeA, transposeB));
    },
  ),
];
