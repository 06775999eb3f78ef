/**
 * Mean cross-entropy of a linear head, loss and gradients in one pass over blocks of rows: the logits of one block fit
 * the processor's cache, and neither all logits nor a one-hot matrix ever exist. With e = exp(z - max) of a row,
 * s = sum(e) and y the label's row of the table: loss = log s + max - z_y, dx = (e table) / s - y, and
 * dTable = (e^T (x / s)) minus x added to the rows of the labels. Everything is divided by the number of rows.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { ElementType, kernel, scalar } from '../kernels/lowering.js';
import type { Constant, Input, Lowering } from '../kernels/lowering.js';
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
  /** [n, width]: rows of e table / s */
  readonly mean: Input;
  /** [classes, width]: e^T (x share / s) */
  readonly outer: Input;
}

function block(l: Lowering, x: Input, table: Input, labels: Input, share: Constant): Block {
  const [n, width] = x.shape as [number, number];
  const classes = table.shape[0]!;
  const logits = matMul(l, x, table, false, true);
  const largest = l.reduce('ReduceMax', logits, [1], true);
  const shifted = l.map('Sub', logits, largest);
  const exponentials = l.map('Exp', shifted);
  const sums = l.reduce('ReduceSum', exponentials, [1], true);
  const picked = l.float('GatherElements', [shifted, l.reshape(labels, [n, 1])], [n, 1], { axis: 1 });
  const nats = l.reshape(l.map('Sub', l.map('Log', sums), picked), [n]);
  const mean = l.float('Div', [matMul(l, exponentials, table, false, false), sums], [n, width]);
  const outer = matMul(l, exponentials, l.map('Div', l.map('Mul', x, share), sums), true, false);
  return { nats, mean, outer: l.reshape(outer, [classes, width]) };
}

export const crossEntropyKernels = [
  /** -> loss [], dx [rows, width], dTable [classes, width]; gradients that nobody uses are not computed */
  kernel<Inputs>('FusedLinearCrossEntropy', (l, inputs) => {
    const [x, table, labels] = [l.input(inputs.x), l.input(inputs.table), l.input(inputs.labels)];
    const [rows, width] = inputs.x.shape as [number, number];
    const [classes] = inputs.table.shape as [number, number];
    const perBlock = Math.max(16, Math.min(rows, Math.floor(BLOCK_ELEMENTS / classes)));
    const share = scalar(1 / rows);
    const blocks: Block[] = [];
    for (let start = 0; start < rows; start += perBlock) {
      const end = Math.min(rows, start + perBlock);
      blocks.push(block(l, rowsOf(l, x, start, end), table, rowsOf(l, labels, start, end), share));
    }
    const of = (name: keyof Block): Input[] => blocks.map((part) => part[name]);
    const loss = l.reduce('ReduceMean', concatRows(l, of('nats'), [rows]), [0], false);
    const labelRows = l.float('Gather', [table, labels], [rows, width], { axis: 0 });
    const difference = l.map('Sub', concatRows(l, of('mean'), [rows, width]), labelRows);
    const dx = l.map('Mul', difference, share);
    const places = l.cast(l.reshape(labels, [rows, 1]), ElementType.int64);
    const updates = l.map('Mul', x, scalar(-1 / rows));
    const dTable = l.float('ScatterND', [total(l, of('outer')), places, updates], [classes, width], {
      reduction: 'add',
    });
    return [loss, dx, dTable].map((output) => l.output(output));
  }),
];
