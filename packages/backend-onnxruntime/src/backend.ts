/**
 * A tfjs backend whose kernels record operations instead of computing them. When somebody reads a value, what was
 * recorded runs as one or a few ONNX Runtime graphs; equal graphs are compiled once.
 *
 * Whatever was disposed before the read is an intermediate of the graph and costs no memory of its own, so programs
 * that use `tf.tidy` run fastest.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { BackendValues, DataType, TensorContainer, TensorInfo } from '@tensorflow/tfjs-core';
import { OnnxRuntimeError } from './errors.js';
import { compile } from './compile.js';
import type { Compiled, CompileOptions } from './compile.js';
import { CpuFallback } from './fallback.js';
import { Capture } from './graph/capture.js';
import type { DataEntry, GraphData } from './graph/data-entry.js';
import { buildProgram, releaseProgram, runProgram } from './graph/program.js';
import type { Program } from './graph/program.js';
import { Recorder } from './graph/recorder.js';
import { SessionCache } from './graph/session-cache.js';
import type { CompileStatistics } from './graph/session-cache.js';
import { Value } from './graph/value.js';
import type { GraphNode } from './graph/value.js';
import type { TensorBuffer } from './memory/buffer.js';
import { BufferPool } from './memory/buffer-pool.js';
import type { PoolStatistics } from './memory/buffer-pool.js';
import { ElementType } from './onnx/element-types.js';
import type { GraphDataType } from './onnx/element-types.js';
import type { ResolvedOptions } from './options.js';
import type { Binding } from './runtime/binding.js';

export interface BackendStatistics {
  /** Times that recorded operations were run because a value was read. */
  readonly flushes: number;
  /** Graphs run. */
  readonly runs: number;
  readonly compile: CompileStatistics;
  readonly memory: PoolStatistics;
  /** Calls of kernels that have no lowering and ran on tfjs's CPU kernels, by kernel. */
  readonly fallbacks: Readonly<Record<string, number>>;
}

type DataId = object;

export class OnnxRuntimeBackend extends tf.KernelBackend {
  readonly recorder = new Recorder();
  readonly fallback: CpuFallback;
  readonly sessions: SessionCache;
  readonly #pool: BufferPool;
  readonly #data: tf.DataStorage<DataEntry>;
  #capture: Capture | undefined;
  #flushes = 0;
  #runs = 0;

  /** @param profile path prefix for ONNX Runtime's own profiles; none are written without */
  constructor(
    binding: Binding,
    readonly options: ResolvedOptions,
    profile?: string,
  ) {
    super();
    this.sessions = new SessionCache(binding, options, profile);
    this.#pool = new BufferPool(options.maxIdleBytes);
    this.#data = new tf.DataStorage<DataEntry>(this, tf.engine());
    this.fallback = new CpuFallback(this);
  }

  get statistics(): BackendStatistics {
    return {
      flushes: this.#flushes,
      runs: this.#runs,
      compile: this.sessions.statistics,
      memory: this.#pool.statistics,
      fallbacks: this.fallback.counts,
    };
  }

  // --- tensors ---

  override write(values: BackendValues | null, shape: number[], dtype: DataType): DataId {
    const dataId = {};
    this.#store(dataId, values, shape, dtype, 1);
    return dataId;
  }

  override move(
    dataId: DataId,
    values: BackendValues,
    shape: number[],
    dtype: DataType,
    refCount: number,
  ): void {
    this.#store(dataId, values, shape, dtype, refCount);
  }

  #store(dataId: DataId, values: BackendValues | null, shape: number[], dtype: DataType, refCount: number) {
    if (dtype === 'string') {
      this.#data.set(dataId, { kind: 'string', dtype, refCount, values: (values ?? []) as Uint8Array[] });
      return;
    }
    if (dtype === 'complex64') {
      const { real, imag } = tf.backend_util.splitRealAndImagArrays(values as Float32Array);
      const part = (numbers: Float32Array): DataId => this.write(numbers, shape, 'float32');
      this.#data.set(dataId, { kind: 'complex', dtype, refCount, real: part(real), imag: part(imag) });
      return;
    }
    const type = ElementType[dtype];
    const value = new Value(type, shape);
    value.buffer = this.#pool.take(type, value.size);
    // A copy: what is recorded runs later, and the caller may write other numbers into its array before.
    if (values) value.buffer.elements.set(values as never);
    else value.buffer.elements.fill(0 as never);
    value.holders = 1;
    this.#data.set(dataId, { kind: 'graph', dtype, refCount, value });
  }

  /** A tensor for a value that is or will be there. */
  makeTensorInfo(value: Value, shape: readonly number[], dtype: GraphDataType): TensorInfo {
    const dataId = {};
    value.holders += 1;
    this.#data.set(dataId, { kind: 'graph', dtype, refCount: 1, value });
    return { dataId, shape: [...shape], dtype };
  }

  makeComplexInfo(real: TensorInfo, imag: TensorInfo): TensorInfo {
    const dataId = {};
    const part = (info: TensorInfo): DataId =>
      this.makeTensorInfo(this.graphData(info).value, info.shape, 'float32').dataId;
    this.#data.set(dataId, {
      kind: 'complex',
      dtype: 'complex64',
      refCount: 1,
      real: part(real),
      imag: part(imag),
    });
    return { dataId, shape: real.shape, dtype: 'complex64' };
  }

  entry(dataId: DataId): DataEntry {
    return this.#data.get(dataId);
  }

  /** @throws Error for strings and complex numbers, which no graph takes */
  graphData(info: TensorInfo): GraphData {
    const entry = this.#data.get(info.dataId);
    if (entry.kind !== 'graph') throw new Error(`a tensor of ${entry.dtype} cannot be part of a graph`);
    return entry;
  }

  override refCount(dataId: DataId): number {
    return this.#data.has(dataId) ? this.#data.get(dataId).refCount : 0;
  }

  override incRef(dataId: DataId): void {
    this.#data.get(dataId).refCount += 1;
  }

  override numDataIds(): number {
    return this.#data.numDataIds();
  }

  override disposeData(dataId: DataId, force = false): boolean {
    if (!this.#data.has(dataId)) return true;
    const entry = this.#data.get(dataId);
    entry.refCount -= 1;
    if (!force && entry.refCount > 0) return false;
    this.#data.delete(dataId);
    if (entry.kind === 'graph') this.letGo(entry.value);
    if (entry.kind === 'complex') for (const part of [entry.real, entry.imag]) this.disposeData(part, true);
    return true;
  }

  /** One holder of the value is gone. */
  letGo(value: Value): void {
    value.holders -= 1;
    this.#recycle(value);
  }

  #recycle(value: Value): void {
    if (value.holders > 0 || value.uses > 0 || !value.buffer) return;
    this.#pool.give(value.buffer);
    value.buffer = null;
  }

  // --- reading ---

  override async read(dataId: DataId): Promise<BackendValues> {
    return this.readSync(dataId);
  }

  override readSync(dataId: DataId): BackendValues {
    const entry = this.#data.get(dataId);
    switch (entry.kind) {
      case 'string':
        return entry.values;
      case 'complex':
        return tf.backend_util.mergeRealAndImagArrays(
          this.readSync(entry.real) as Float32Array,
          this.readSync(entry.imag) as Float32Array,
        );
      case 'graph':
        return this.#elements(entry.value);
    }
  }

  #elements(value: Value): BackendValues {
    if (!value.buffer) {
      this.#capture?.refuse('reads a value that it computes, or one of its inputs');
      this.flush();
    }
    const buffer = value.buffer;
    if (!buffer) {
      throw new OnnxRuntimeError(
        'run-failed',
        'A value was asked for whose graph had failed before',
        'Look at the first error: nothing that was computed together with it exists',
      );
    }
    // The reader may keep the array for as long as it likes: a later tensor must not write into it. Small ones
    // (losses, norms) are copied instead, so that their buffers stay in the pool.
    if (buffer.bytes <= 4096) return buffer.elements.slice() as BackendValues;
    buffer.reusable = false;
    return buffer.elements as BackendValues;
  }

  // --- running ---

  /** Runs everything that was recorded. @throws OnnxRuntimeError */
  flush(): void {
    if (this.recorder.size === 0 || this.#capture !== undefined) return;
    const nodes = this.recorder.take();
    const wanted = nodes.flatMap(({ outputs }) => outputs.filter(({ holders }) => holders > 0));
    this.#flushes += 1;
    let program: Program | undefined;
    try {
      program = buildProgram(nodes, [], wanted, (segment) => this.sessions.acquire(segment));
      const results = this.run(program, []);
      wanted.forEach((value, index) => (value.buffer = results[index]!));
    } finally {
      if (program) releaseProgram(program);
      this.#forget(nodes);
    }
  }

  /** Called before a kernel records, when every value that the program still wants is held by a tensor. */
  beginKernel(name: string, group?: string): void {
    if (this.recorder.size > this.options.maxPendingNodes) this.flush();
    this.recorder.beginKernel(name, group);
  }

  /** Runs a program; its results are the caller's. */
  run(program: Program, args: readonly TensorBuffer[]): (TensorBuffer | undefined)[] {
    this.#runs += program.steps.length;
    return runProgram(program, args, this.#pool);
  }

  /** The nodes have run or never will: what only they read can be used again. */
  #forget(nodes: readonly GraphNode[]): void {
    for (const { inputs, outputs } of nodes) {
      for (const value of outputs) value.node = null;
      for (const input of inputs) {
        if (input?.kind !== 'value') continue;
        input.value.uses -= 1;
        this.#recycle(input.value);
      }
    }
  }

  /** Records what `trace` does without running it. @throws OnnxRuntimeError (`not-compilable`) */
  capture<T>(trace: (capture: Capture) => T): T {
    this.flush();
    const capture = new Capture();
    this.#capture = capture;
    try {
      return trace(capture);
    } finally {
      this.#forget(this.recorder.take());
      this.#capture = undefined;
    }
  }

  /** {@link compile}, for callers that have the backend and not this package. */
  compile<I extends TensorContainer, O extends TensorContainer>(
    step: (inputs: I) => O,
    options?: CompileOptions,
  ): Compiled<I, O> {
    return compile(step, options);
  }

  get capturing(): Capture | undefined {
    return this.#capture;
  }

  // --- the rest of what tfjs asks ---

  override timerAvailable(): boolean {
    return true;
  }

  /** Runs everything that `f` recorded and gives the milliseconds of both. */
  override async time(f: () => void): Promise<tf.BackendTimingInfo> {
    this.flush();
    const start = performance.now();
    f();
    this.flush();
    return { kernelMs: performance.now() - start };
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: false };
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7; // as tfjs's other float32 backends
  }

  override dispose(): void {
    this.recorder.take();
    this.sessions.dispose();
    this.#pool.clear();
  }
}
