/**
 * `UnsortedSegmentSum`, the gradient of `gather`, which the wasm backend lacks: without it no embedding trains.
 * Ids outside [0, segments) are dropped, as in TensorFlow.
 */
import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import { addressOf, type WasmBackend } from '../heap.js';
import { FLOAT } from '../module/layout.js';
import type { HeapModule } from '../module/index.js';

/** x [...ids, ...rest], segmentIds [...ids] int32 -> [segments, ...rest]. */
export function unsortedSegmentSum(
  module: HeapModule,
  backend: WasmBackend,
  x: TensorInfo,
  segmentIds: TensorInfo,
  segments: number,
): TensorInfo {
  const rest = x.shape.slice(segmentIds.shape.length);
  const width = util.sizeFromShape(rest);
  const out = backend.makeOutput([segments, ...rest], x.dtype);
  const sums = backend.typedArrayFromHeap(out).fill(0);
  const ids = backend.typedArrayFromHeap(segmentIds);
  const values = backend.typedArrayFromHeap(x);
  const [from, to] = [addressOf(backend, x), addressOf(backend, out)];
  for (let i = 0; i < ids.length; i += 1) {
    const id = ids[i]!;
    if (id < 0 || id >= segments) continue;
    if (x.dtype === 'float32') {
      module.sumRows(from + i * width * FLOAT, 1, width * FLOAT, to + id * width * FLOAT);
    } else {
      for (let j = 0; j < width; j += 1) sums[id * width + j]! += values[i * width + j]!;
    }
  }
  return out;
}
