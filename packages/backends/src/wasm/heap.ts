/**
 * What the mended kernels use of tfjs's WebAssembly backend (4.22, its last release). Its own types leave out the
 * instance behind it, whose memory a second module must import to work on tensors where they are.
 */
import type { DataType, KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';
import { instantiateHeapModule, type HeapModule } from './module/index.js';
import { webAssembly, type Memory } from './web-assembly.js';

export interface WasmBackend extends KernelBackend {
  readonly wasm: {
    readonly asm?: { readonly memory?: Memory };
    _malloc(bytes: number): number;
  };
  makeOutput(shape: number[], dtype: DataType): TensorInfo;
  /** Valid until the next allocation: growing the heap detaches it. */
  typedArrayFromHeap(info: TensorInfo): Float32Array | Int32Array | Uint8Array;
  getMemoryOffset(dataId: object): number;
}

/** Address of a tensor's values in the heap, in bytes. `>>> 0`: beyond 2 GB addresses come back negative. */
export function addressOf(backend: WasmBackend, info: TensorInfo): number {
  return backend.getMemoryOffset(info.dataId) >>> 0;
}

/** A second handle on the same values; the backend counts references and frees them with the last one. */
export function alias(backend: WasmBackend, info: TensorInfo, shape = info.shape): TensorInfo {
  backend.incRef(info.dataId);
  return { dataId: info.dataId, shape, dtype: info.dtype };
}

/** Bytes that packed operands may take; reserved once for the life of the backend. */
export interface Workspace {
  readonly module: HeapModule;
  readonly left: number;
  readonly right: number;
  readonly spare: number;
}

/** @throws Error when the heap cannot be shared with a module of our own. */
export function createWorkspace(
  backend: WasmBackend,
  bytes: { left: number; right: number; spare: number },
): Workspace {
  const memory = backend.wasm.asm?.memory;
  if (!(memory instanceof webAssembly.Memory))
    throw new Error('tfjs does not expose the memory of its module');
  const module = instantiateHeapModule(memory);
  const reserve = (size: number): number => {
    const address = backend.wasm._malloc(size) >>> 0;
    if (address === 0) throw new Error(`no ${size} bytes left on the WebAssembly heap`);
    return address;
  };
  return {
    module,
    left: reserve(bytes.left),
    right: reserve(bytes.right),
    spare: reserve(bytes.spare),
  };
}
