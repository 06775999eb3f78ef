/**
 * Two linear maps with a GELU between them. What is between the maps is several times as wide as the model, and only what
 * precedes the GELU is kept for the gradient. Long batches are worked on in blocks of rows, so that the intermediate
 * results of the gradient stay in the cache and bounded.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { kernel } from '../kernels/lowering.js';
import type { Input, Lowering } from '../kernels/lowering.js';
import { reduceInStages } from '../kernels/long-sums.js';
import { matMul } from '../kernels/products.js';
import { geluOf, geluParts } from './gelu.js';
import type { GeluKind } from './gelu.js';
import { blockRows, concatRows, rowsOf, total } from './rows.js';

interface Forward {
  /** [rows, width] */
  x: TensorInfo;
  /** [width, inner], or [inner, width] */
  input: TensorInfo;
  /** [inner] */
  inputBias: TensorInfo;
  /** [inner, width], or [width, inner] */
  output: TensorInfo;
  /** [width] */
  outputBias: TensorInfo;
}

type Backward = Pick<Forward, 'x' | 'input' | 'output'> & { dy: TensorInfo } & Record<
    `inner${number}`,
    TensorInfo
  >;

interface Stored {
  kind: GeluKind;
  /** What the first axis of both matrices counts. */
  matrix: 'inputs' | 'outputs';
}

function affine(l: Lowering, x: Input, weight: Input, bias: Input, byOutputs: boolean): Input {
  return l.map('Add', matMul(l, x, weight, false, byOutputs), bias);
}

export const mlpKernels = [
  /** -> value [rows, width] and, for the gradient, the blocks [.., inner] of x input + inputBias */
  kernel<Forward, Stored>('FusedMlp', (l, inputs, { kind, matrix }) => {
    const byOutputs = matrix === 'outputs';
    const [x, input, inputBias] = [l.input(inputs.x), l.input(inputs.input), l.input(inputs.inputBias)];
    const [output, outputBias] = [l.input(inputs.output), l.input(inputs.outputBias)];
    const [rows, width] = inputs.x.shape as [number, number];
    const per = blockRows(inputs.input.shape[byOutputs ? 0 : 1]!);
    const inner: Input[] = [];
    const parts: Input[] = [];
    for (let start = 0; start < rows; start += per) {
      const block = affine(l, rowsOf(l, x, start, Math.min(rows, start + per)), input, inputBias, byOutputs);
      inner.push(block);
      parts.push(affine(l, geluOf(l, block, kind), output, outputBias, byOutputs));
    }
    return [concatRows(l, parts, [rows, width]), ...inner].map((result) => l.output(result));
  }),
  /** -> dX [rows, width], dInput, dInputBias, dOutput, dOutputBias */
  kernel<Backward, Stored & { blocks: number }>('FusedMlpGrad', (l, inputs, { kind, matrix, blocks }) => {
    const byOutputs = matrix === 'outputs';
    /** Gradient of a matrix: by its rows. */
    const ofMatrix = (given: Input, dResult: Input): Input =>
      byOutputs ? matMul(l, dResult, given, true, false) : matMul(l, given, dResult, true, false);
    const [dy, x] = [l.input(inputs.dy), l.input(inputs.x)];
    const [input, output] = [l.input(inputs.input), l.input(inputs.output)];
    const [rows, width] = inputs.x.shape as [number, number];
    const dX: Input[] = [];
    const dInput: Input[] = [];
    const dInputBias: Input[] = [];
    const dOutput: Input[] = [];
    let start = 0;
    for (let index = 0; index < blocks; index += 1) {
      const inner = l.input(inputs[`inner${index}`]!);
      const end = start + inner.shape[0]!;
      const [dyRows, xRows] = [rowsOf(l, dy, start, end), rowsOf(l, x, start, end)];
      start = end;
      const { value, slope } = geluParts(l, inner, kind);
      dOutput.push(ofMatrix(value, dyRows));
      const dInner = l.map('Mul', matMul(l, dyRows, output, false, !byOutputs), slope);
      dX.push(matMul(l, dInner, input, false, !byOutputs));
      dInput.push(ofMatrix(xRows, dInner));
      dInputBias.push(reduceInStages(l, 'ReduceSum', dInner, [0], false));
    }
    const dOutputBias = reduceInStages(l, 'ReduceSum', dy, [0], false);
    return [
      concatRows(l, dX, [rows, width]),
      total(l, dInput),
      total(l, dInputBias),
      total(l, dOutput),
      dOutputBias,
    ].map((result) => l.output(result));
  }),
];
