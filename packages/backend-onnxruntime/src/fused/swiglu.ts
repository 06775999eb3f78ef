/**
 * The gated MLP of LLaMA (Shazeer 2020, arXiv 2002.05202): silu(x gateᵀ) * (x upᵀ), times downᵀ. Only the two products
 * before the gating are kept for the gradient. Long batches are worked on in blocks of rows, as in `mlp.ts`.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { float } from '../onnx/proto.js';
import { kernel, MICROSOFT } from '../kernels/lowering.js';
import type { Input } from '../kernels/lowering.js';
import { matMul } from '../kernels/products.js';
import { blockRows, concatRows, rowsOf, total } from './rows.js';

interface Weights {
  /** [inner, width] */
  gate: TensorInfo;
  /** [inner, width] */
  up: TensorInfo;
  /** [width, inner] */
  down: TensorInfo;
}

interface Forward extends Weights {
  /** [rows, width] */
  x: TensorInfo;
}

type Backward = Forward & { dy: TensorInfo } & Record<`inner${number}`, TensorInfo>;

export const swigluKernels = [
  /** -> value [rows, width] and, for the gradient, the blocks [.., inner] of x gateᵀ and of x upᵀ in turn */
  kernel<Forward>('FusedSwiglu', (l, inputs) => {
    const [x, gate] = [l.input(inputs.x), l.input(inputs.gate)];
    const [up, down] = [l.input(inputs.up), l.input(inputs.down)];
    const [rows, width] = inputs.x.shape as [number, number];
    const per = blockRows(inputs.gate.shape[0]!);
    const inner: Input[] = [];
    const parts: Input[] = [];
    for (let start = 0; start < rows; start += per) {
      const block = rowsOf(l, x, start, Math.min(rows, start + per));
      const gates = matMul(l, block, gate, false, true);
      const values = matMul(l, block, up, false, true);
      inner.push(gates, values);
      // x sigmoid(alpha x), the quick GELU of Hendrycks and Gimpel; with alpha 1 it is silu.
      const silu = l.float('QuickGelu', [gates], gates.shape, { alpha: float(1) }, MICROSOFT);
      parts.push(matMul(l, l.map('Mul', silu, values), down, false, true));
    }
    return [concatRows(l, parts, [rows, width]), ...inner].map((result) => l.output(result));
  }),
  /** -> dX [rows, width], dGate, dUp, dDown */
  kernel<Backward, { blocks: number }>('FusedSwigluGrad', (l, inputs, { blocks }) => {
    const [dy, x, gate] = [l.input(inputs.dy), l.input(inputs.x), l.input(inputs.gate)];
    const [up, down] = [l.input(inputs.up), l.input(inputs.down)];
    const [rows, width] = inputs.x.shape as [number, number];
    const [dX, dGate, dUp, dDown] = [[], [], [], []] as [Input[], Input[], Input[], Input[]];
    let start = 0;
    for (let index = 0; index < blocks; index += 1) {
      const gates = l.input(inputs[`inner${2 * index}`]!);
      const values = l.input(inputs[`inner${2 * index + 1}`]!);
      const end = start + gates.shape[0]!;
      const [dyRows, xRows] = [rowsOf(l, dy, start, end), rowsOf(l, x, start, end)];
      start = end;
      const open = l.map('Sigmoid', gates);
      const silu = l.map('Mul', gates, open);
      const dInner = matMul(l, dyRows, down, false, false); // [.., inner]
      dDown.push(matMul(l, dyRows, l.map('Mul', silu, values), true, false));
      const dValues = l.map('Mul', dInner, silu);
      // d(z s)/dz = s + z s (1 - s) = s + silu - silu s
      const slope = l.map('Sub', l.map('Add', open, silu), l.map('Mul', silu, open));
      const dGates = l.map('Mul', l.map('Mul', dInner, values), slope);
      dGate.push(matMul(l, dGates, xRows, true, false));
      dUp.push(matMul(l, dValues, xRows, true, false));
      dX.push(l.map('Add', matMul(l, dGates, gate, false, false), matMul(l, dValues, up, false, false)));
    }
    return [concatRows(l, dX, [rows, width]), total(l, dGate), total(l, dUp), total(l, dDown)].map((result) =>
      l.output(result),
    );
  }),
];
