/**
 * `UnsortedSegmentSum`, the gradient of `gather`, which the wasm backend lacks: without it no embedding trains.
 * Ids outside [0, segments) are dropped, as in TensorFlow.
 */
import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import { addressOf, type WasmBackend } from '../heap.js';
import { SHORT, type LongSums } from '../long-sums.js';
import { FLOAT } from '../module/layout.js';
import type { HeapModule } from '../module/index.js';

/** x [...ids, ...rest], segmentIds [...ids] int32 -> [segments, ...rest]. */
export function unsortedSegmentSum(
  module: HeapModule,
  backend: WasmBackend,
  sums: LongSums,
  x: TensorInfo,
  segmentIds: TensorInfo,
  segments: number,
): TensorInfo {
  const rest = x.shape.slice(segmentIds.shape.length);
  const width = util.sizeFromShape(rest);
  // A copy, because the heap may grow below.
  const ids = backend.typedArrayFromHeap(segmentIds).slice();
  const out = backend.makeOutput([segments, ...rest], x.dtype);
  const totals = backend.typedArrayFromHeap(out).fill(0);
  if (x.dtype !== 'float32') {
    const values = backend.typedArrayFromHeap(x);
    for (const [i, id] of ids.entries()) {
      if (id < 0 || id >= segments) continue;
      for (let j = 0; j < width; j += 1) totals[id * width + j]! += values[i * width + j]!;
    }
    return out;
  }
  const rowBytes = width * FLOAT;
  const long = longSegments(ids, segments);
  const [from, to] = [addressOf(backend, x), addressOf(backend, out)];
  for (const [i, id] of ids.entries()) {
    const isOne = id >= 0 && id < segments && !long.has(id);
    if (isOne) module.sumRows(from + i * rowBytes, 1, 1, rowBytes, to + id * rowBytes);
  }
  for (const [id, rows] of long) {
    const own = backend.makeOutput([rows.length, width], 'float32');
    const [all, mine] = [backend.typedArrayFromHeap(x), backend.typedArrayFromHeap(own)];
    for (const [place, row] of rows.entries()) {
      mine.set(all.subarray(row * width, (row + 1) * width), place * width);
    }
    const sum = sums.middle(own, 1, rows.length, width);
    module.sumRows(addressOf(backend, sum), 1, 1, rowBytes, to + id * rowBytes);
    for (const { dataId } of [own, sum]) backend.disposeData(dataId);
  }
  return out;
}

/** Segments of so many rows that they are not well added one after the other, and those rows. */
function longSegments(ids: ArrayLike<number>, segments: number): Map<number, number[]> {
  const long = new Map<number, number[]>();
  if (ids.length <= SHORT) return long;
  const counts = new Int32Array(segments);
  for (let i = 0; i < ids.length; i += 1) {
    const id = ids[i]!;
    if (id >= 0 && id < segments) counts[id]! += 1;
  }
  for (const [id, count] of counts.entries()) if (count > SHORT) long.set(id, []);
  if (long.size > 0) for (let i = 0; i < ids.length; i += 1) long.get(ids[i]!)?.push(i);
  return long;
}
