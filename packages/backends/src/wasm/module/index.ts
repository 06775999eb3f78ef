/** The WebAssembly module that the mended kernels call: assembled here, running on the heap of tfjs's own module. */
import { assemble } from './assembler.js';
import { TILE_COLUMNS, TILE_ROWS } from './layout.js';
import { packing } from './packing.js';
import { sumRows, sumRuns } from './sums.js';
import { block, tile } from './tile.js';
import { webAssembly, type Memory } from '../web-assembly.js';

/** All addresses and strides are bytes in the heap. Comments on each are where it is assembled. */
export interface HeapModule {
  packLeft(
    source: number,
    outerStride: number,
    innerStride: number,
    outer: number,
    inner: number,
    target: number,
  ): void;
  packRight(
    source: number,
    outerStride: number,
    innerStride: number,
    outer: number,
    inner: number,
    target: number,
  ): void;
  block(
    left: number,
    right: number,
    rows: number,
    columns: number,
    inner: number,
    target: number,
    rowStride: number,
    accumulate: number,
    spare: number,
  ): void;
  sumRows(source: number, groups: number, rows: number, rowBytes: number, target: number): void;
  sumRuns(source: number, runs: number, runBytes: number, target: number): void;
}

/** @throws WebAssembly.CompileError where the machine lacks the fixed-width SIMD of WebAssembly 2.0. */
export function instantiateHeapModule(memory: Memory): HeapModule {
  const functions = [
    tile(),
    packing('packLeft', TILE_ROWS),
    packing('packRight', TILE_COLUMNS),
    block(0),
    sumRows(),
    sumRuns(),
  ];
  const instance = new webAssembly.Instance(new webAssembly.Module(assemble(functions)), {
    host: { memory },
  });
  return instance.exports as unknown as HeapModule;
}
