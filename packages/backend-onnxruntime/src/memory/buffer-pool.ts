/**
 * Buffers that wait to be used again. A training step needs the same sizes every time: with the pool its weights and
 * moments ping-pong between two sets of buffers and its activations stay where they are, so that memory is flat and
 * no page is touched for the first time after the first step.
 */
import { allocate } from '../onnx/element-types.js';
import type { ElementType } from '../onnx/element-types.js';
import { TensorBuffer } from './buffer.js';

export interface PoolStatistics {
  readonly idleBytes: number;
  readonly allocations: number;
  readonly reuses: number;
}

export class BufferPool {
  // Insertion order is the order of release: the first bucket entries are the longest idle ones.
  readonly #idle = new Map<string, TensorBuffer[]>();
  #idleBytes = 0;
  #allocations = 0;
  #reuses = 0;

  /** @param limit bytes of idle buffers; the longest idle ones are let go beyond it */
  constructor(readonly limit: number) {}

  get statistics(): PoolStatistics {
    return { idleBytes: this.#idleBytes, allocations: this.#allocations, reuses: this.#reuses };
  }

  /** A buffer with arbitrary contents. */
  take(type: ElementType, length: number): TensorBuffer {
    const key = keyOf(type, length);
    const bucket = this.#idle.get(key);
    const buffer = bucket?.pop();
    if (!buffer) {
      this.#allocations += 1;
      return new TensorBuffer(type, allocate(type, length));
    }
    if (bucket!.length === 0) this.#idle.delete(key);
    this.#idleBytes -= buffer.bytes;
    this.#reuses += 1;
    return buffer;
  }

  /** Takes a buffer back that nothing reads any more. */
  give(buffer: TensorBuffer): void {
    if (!buffer.reusable || buffer.bytes > this.limit) return;
    const key = keyOf(buffer.type, buffer.elements.length);
    const bucket = this.#idle.get(key) ?? [];
    bucket.push(buffer);
    this.#idle.delete(key);
    this.#idle.set(key, bucket);
    this.#idleBytes += buffer.bytes;
    while (this.#idleBytes > this.limit) this.#letGo();
  }

  clear(): void {
    this.#idle.clear();
    this.#idleBytes = 0;
  }

  #letGo(): void {
    const [key, bucket] = this.#idle.entries().next().value!;
    const buffer = bucket.shift()!;
    if (bucket.length === 0) this.#idle.delete(key);
    this.#idleBytes -= buffer.bytes;
  }
}

const keyOf = (type: ElementType, length: number): string => `${type}:${length}`;
