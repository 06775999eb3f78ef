/**
 * Mean cross-entropy of a linear head, loss and gradients in one pass over blocks of rows: the logits of one block fit
 * the processor's cache, and neither all logits nor a one-hot matrix ever exist. With e = exp(z - max) of a row,
 * s = sum(e) and d = e, less s at the label: loss = log s + max - z_y, dx = (d table) / s and dTable = d^T (x / s).
 * Everything is divided by the number of rows.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { kernel, scalar } from '../kernels/lowering.js';
import type { Constant, Input, Lowering } from '../kernels/lowering.js';
import { reduceInStages } from '../kernels/long-sums.js';
import { matMul } from '../kernels/products.js';
import { concatRows, rowsOf, total } from './rows.js';

/** Elements of one block of logits, 8 MiB: larger blocks gain no more speed. */
const BLOCK_ELEMENTS = 1 << 21;

interface Inputs {
  /** [rows, width] */
  x: TensorInfo;
  /** [classes, width] */
  table: TensorInfo;
  /** [rows] int32 */
  labels: TensorInfo;
}

interface Block {
  /** [n]: nats of each row */
  readonly nats: Input;
  /** [n, width] */
  readonly dx: Input;
  /** [classes, width] */
  readonly dTable: Input;
}

function block(l: Lowering, x: Input, table: Input, labels: Input, share: Constant): Block {
  const [n, width] = x.shape as [number, number];
  const classes = table.shape[0]!;
  const logits = matMul(l, x, table, false, true);
  const largest = l.reduce('ReduceMax', logits, [1], true);
  const shifted = l.map('Sub', logits, largest);
  const exponentials = l.map('Exp', shifted);
  const sums = reduceInStages(l, 'ReduceSum', exponentials, [1], true);
  const column = l.reshape(labels, [n, 1]);
  const picked = l.float('GatherElements', [shifted, column], [n, 1], { axis: 1 });
  const nats = l.reshape(l.map('Sub', l.map('Log', sums), picked), [n]);
  const updates = [exponentials, column, l.map('Neg', sums)];
  // Nothing else reads the exponentials any more: ONNX Runtime changes them where they are.
  const difference = l.float('ScatterElements', updates, [n, classes], { axis: 1, reduction: 'add' });
  const factors = l.op('Div', [share, sums], { type: sums.value.type, shape: [n, 1] });
  const dx = l.float('Mul', [matMul(l, difference, table, false, false), factors], [n, width]);
  const dTable = matMul(l, difference, l.map('Mul', x, factors), true, false);
  return { nats, dx, dTable: l.reshape(dTable, [classes, width]) };
}

export const crossEntropyKernels = [
  /** -> loss [], dx [rows, width], dTable [classes, width]; gradients that nobody uses are not computed */
  kernel<Inputs>('FusedLinearCrossEntropy', (l, inputs) => {
    const [x, table, labels] = [l.input(inputs.x), l.input(inputs.table), l.input(inputs.labels)];
    const [rows, width] = inputs.x.shape as [number, number];
    const classes = inputs.table.shape[0]!;
    const perBlock = Math.max(16, Math.min(rows, Math.floor(BLOCK_ELEMENTS / classes)));
    const share = scalar(1 / rows);
    const blocks: Block[] = [];
    for (let start = 0; start < rows; start += perBlock) {
      const end = Math.min(rows, start + perBlock);
      blocks.push(block(l, rowsOf(l, x, start, end), table, rowsOf(l, labels, start, end), share));
    }
    const of = (name: keyof Block): Input[] => blocks.map((part) => part[name]);
    const loss = reduceInStages(l, 'ReduceMean', concatRows(l, of('nats'), [rows]), [0], false);
    const dx = concatRows(l, of('dx'), [rows, width]);
    return [loss, dx, total(l, of('dTable'))].map((output) => l.output(output));
  }),
];
