/**
 * Sums whose error does not grow with their length: a long sum is the sum of the sums of short blocks, in as many stages
 * as it needs (Higham 1993, "The accuracy of floating point summation", section 3). Added one after the other, 65 536
 * numbers of 0.1 are off by 6e-4, and sixteen million ones are where a float32 stops growing.
 */
import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import { addressOf, type WasmBackend } from './heap.js';
import { FLOAT } from './module/layout.js';
import type { HeapModule } from './module/index.js';

/** Terms that are well added one after the other: equal numbers, the worst there are, come out within 8e-6. */
export const SHORT = 512;
/** Rows of a block, and neighbours: of these, sixteen sums are made at a time. */
const BLOCK = { rows: 64, neighbours: 1024 };
/** Columns that are worth a vector instruction; of narrower matrices several rows are seen as one. */
const WIDE = 64;

export class LongSums {
  readonly #module: HeapModule;
  readonly #backend: WasmBackend;

  constructor(module: HeapModule, backend: WasmBackend) {
    this.#module = module;
    this.#backend = backend;
  }

  /** Sums of x float32 over some axes, any number of terms; the shape is that of tfjs. */
  over(x: TensorInfo, axes: readonly number[], keepDims: boolean): TensorInfo {
    let result = x;
    let after = 1;
    const before = x.shape.slice();
    // From the last axis to the first, so that what is left of an axis is never apart from what follows.
    while (before.length > 0) {
      const isSummed = axes.includes(before.length - 1);
      let size = 1;
      while (before.length > 0 && axes.includes(before.length - 1) === isSummed) size *= before.pop()!;
      if (!isSummed) {
        after *= size;
        continue;
      }
      const sums = this.middle(result, util.sizeFromShape(before), size, after);
      if (result !== x) this.#backend.disposeData(result.dataId);
      result = sums;
    }
    const shape = x.shape.flatMap((n, axis) => (axes.includes(axis) ? (keepDims ? [1] : []) : [n]));
    return { ...result, shape };
  }

  /** x [outer, n, inner] -> [outer, inner], a tensor of its own. */
  middle(x: TensorInfo, outer: number, n: number, inner: number): TensorInfo {
    const longest = inner === 1 ? BLOCK.neighbours : SHORT;
    let [from, left] = [x, n];
    while (left > longest) {
      const sums = inner === 1 ? this.#neighbours(from, outer, left) : this.#rows(from, outer, left, inner);
      if (from !== x) this.#backend.disposeData(from.dataId);
      [from, left] = [sums, sums.shape[1]!];
    }
    const out = this.#zeros([outer, inner]);
    const [source, target] = [addressOf(this.#backend, from), addressOf(this.#backend, out)];
    if (inner === 1) this.#module.sumRuns(source, outer, left * FLOAT, target);
    else this.#module.sumRows(source, outer, left, inner * FLOAT, target);
    if (from !== x) this.#backend.disposeData(from.dataId);
    return out;
  }

  /** x [outer, n] -> [outer, number of blocks] */
  #neighbours(x: TensorInfo, outer: number, n: number): TensorInfo {
    const whole = Math.floor(n / BLOCK.neighbours);
    const rest = n - whole * BLOCK.neighbours;
    const out = this.#zeros([outer, whole + Math.sign(rest)]);
    let [source, target] = [addressOf(this.#backend, x), addressOf(this.#backend, out)];
    for (let index = 0; index < outer; index += 1) {
      this.#module.sumRuns(source, whole, BLOCK.neighbours * FLOAT, target);
      if (rest > 0) {
        const end = source + whole * BLOCK.neighbours * FLOAT;
        this.#module.sumRuns(end, 1, rest * FLOAT, target + whole * FLOAT);
      }
      source += n * FLOAT;
      target += out.shape[1]! * FLOAT;
    }
    return out;
  }

  /** x [outer, n, inner] -> [outer, number of blocks, inner]: a block takes every `abreast`-th of so many rows. */
  #rows(x: TensorInfo, outer: number, n: number, inner: number): TensorInfo {
    const abreast = Math.max(1, Math.floor(WIDE / inner));
    const bytes = inner * FLOAT;
    const groups = Math.floor(n / (BLOCK.rows * abreast));
    const whole = groups * BLOCK.rows * abreast;
    const restBlocks = Math.floor((n - whole) / BLOCK.rows);
    const last = n - whole - restBlocks * BLOCK.rows;
    const blocks = groups * abreast + restBlocks + Math.sign(last);
    const out = this.#zeros([outer, blocks, inner]);
    let [source, target] = [addressOf(this.#backend, x), addressOf(this.#backend, out)];
    const take = (count: number, rows: number, rowBytes: number): void => {
      this.#module.sumRows(source, count, rows, rowBytes, target);
      source += count * rows * rowBytes;
      target += count * rowBytes;
    };
    for (let index = 0; index < outer; index += 1) {
      take(groups, BLOCK.rows, abreast * bytes);
      take(restBlocks, BLOCK.rows, bytes);
      if (last > 0) take(1, last, bytes);
    }
    return out;
  }

  #zeros(shape: number[]): TensorInfo {
    const out = this.#backend.makeOutput(shape, 'float32');
    this.#backend.typedArrayFromHeap(out).fill(0);
    return out;
  }
}
