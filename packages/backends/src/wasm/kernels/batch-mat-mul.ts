/**
 * `BatchMatMul` for every layout. The stock kernel has a fast path for one product of two plain matrices only; with
 * a transposed operand or a batch it falls into scalar loops fifteen times slower, and it reads past the end of an
 * operand whose batch dimensions are broadcast. Here a transposition is a pair of strides, and a batch a loop.
 */
import { broadcast_util, util, type TensorInfo } from '@tensorflow/tfjs-core';
import { addressOf, type WasmBackend } from '../heap.js';
import { FLOAT } from '../module/layout.js';
import type { Operand, Products } from '../products.js';

export interface Layout {
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
  readonly outShape: number[];
  /** For every product of the batch: which matrix of each operand it multiplies. */
  readonly pairs: readonly (readonly [a: number, b: number])[];
}

/** For each index of the broadcast batch, the index into an operand's own batch dimensions. */
function batchIndices(own: readonly number[], broadcast: readonly number[]): number[] {
  const missing = broadcast.length - own.length;
  return Array.from({ length: util.sizeFromShape([...broadcast]) }, (_, flat) => {
    let rest = flat;
    let index = 0;
    let stride = 1;
    for (let dim = broadcast.length - 1; dim >= 0; dim -= 1) {
      const size = broadcast[dim]!;
      const at = rest % size;
      rest = (rest - at) / size;
      const ownSize = dim >= missing ? own[dim - missing]! : 1;
      if (ownSize > 1) index += at * stride;
      stride *= ownSize;
    }
    return index;
  });
}

/** @throws Error when the inner dimensions differ or the batch dimensions do not broadcast. */
export function layoutOf(a: TensorInfo, b: TensorInfo, transposeA: boolean, transposeB: boolean): Layout {
  const [aRows, aColumns] = [a.shape.at(-2)!, a.shape.at(-1)!];
  const [bRows, bColumns] = [b.shape.at(-2)!, b.shape.at(-1)!];
  const inner = transposeA ? aRows : aColumns;
  const rows = transposeA ? aColumns : aRows;
  const columns = transposeB ? bRows : bColumns;
  util.assert(
    inner === (transposeB ? bColumns : bRows),
    () =>
      `Error in matMul: inner shapes of Tensors with shapes ${a.shape} and ${b.shape} and ` +
      `transposeA=${transposeA} and transposeB=${transposeB} must match.`,
  );
  const aBatch = a.shape.slice(0, -2);
  const bBatch = b.shape.slice(0, -2);
  const batch = broadcast_util.assertAndGetBroadcastShape(aBatch, bBatch);
  const outShape = [...batch, rows, columns];

  // One matrix for the whole batch: the batch's rows under one another are one tall matrix.
  if (util.sizeFromShape(bBatch) === 1 && !transposeA) {
    return { rows: rows * util.sizeFromShape(batch), columns, inner, outShape, pairs: [[0, 0]] };
  }
  const indexA = batchIndices(aBatch, batch);
  const indexB = batchIndices(bBatch, batch);
  return { rows, columns, inner, outShape, pairs: indexA.map((index, i) => [index, indexB[i]!] as const) };
}

/** Element (outer, inner) of an operand whose stored rows are the outer dimension, or the inner one. */
function operand(address: number, storedColumns: number, outerIsRow: boolean): Operand {
  const rowBytes = storedColumns * FLOAT;
  return outerIsRow
    ? { address, outerStride: rowBytes, innerStride: FLOAT }
    : { address, outerStride: FLOAT, innerStride: rowBytes };
}

/** a [..., m, k] (or [..., k, m]) times b [..., k, n] (or [..., n, k]) -> [..., m, n]; batch dimensions broadcast. */
export function batchMatMul(
  products: Products,
  backend: WasmBackend,
  a: TensorInfo,
  b: TensorInfo,
  transposeA: boolean,
  transposeB: boolean,
): TensorInfo {
  if (a.dtype !== 'float32' || b.dtype !== 'float32') {
    throw new Error(
      `BatchMatMul on wasm multiplies float32 tensors, not ${a.dtype} and ${b.dtype}. Cast them first.`,
    );
  }
  const { rows, columns, inner, outShape, pairs } = layoutOf(a, b, transposeA, transposeB);
  const out = backend.makeOutput(outShape, 'float32');
  if (util.sizeFromShape(outShape) === 0) return out;
  if (inner === 0) {
    backend.typedArrayFromHeap(out).fill(0);
    return out;
  }
  const [fromA, fromB, to] = [addressOf(backend, a), addressOf(backend, b), addressOf(backend, out)];
  const bytesA = a.shape.at(-2)! * a.shape.at(-1)! * FLOAT;
  const bytesB = b.shape.at(-2)! * b.shape.at(-1)! * FLOAT;
  pairs.forEach(([indexA, indexB], product) => {
    products.multiply(
      operand(fromA + indexA * bytesA, a.shape.at(-1)!, !transposeA),
      operand(fromB + indexB * bytesB, b.shape.at(-1)!, transposeB),
      rows,
      columns,
      inner,
      to + product * rows * columns * FLOAT,
    );
  });
  return out;
}
