/**
 * `compile(step)`: a pure function of tensors is traced once for each structure of its inputs, and replayed from then
 * on without calling it. tfjs's dispatch of a transformer's step costs more than the optimizer itself; a replay is a
 * loop over a few dozen graphs.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, TensorContainer } from '@tensorflow/tfjs-core';
import type { OnnxRuntimeBackend } from './backend.js';
import { OnnxRuntimeError } from './errors.js';
import { buildProgram, releaseProgram } from './graph/program.js';
import type { Program } from './graph/program.js';
import { Value } from './graph/value.js';
import { ElementType, isGraphDataType } from './onnx/element-types.js';
import type { GraphDataType } from './onnx/element-types.js';

export interface CompileOptions {
  /** Structures that are remembered; the least recently used one is let go first. Default 64. */
  readonly maxStructures?: number;
}

export interface CompiledStatistics {
  /** Times the function was traced. */
  readonly traces: number;
  /** Spent on tracing, compiling the graphs of the traces included. */
  readonly tracingMilliseconds: number;
  /** Times a trace was replayed. */
  readonly replays: number;
  /** Times it ran without compilation: on another backend, or because it cannot be compiled. */
  readonly eager: number;
}

export interface Compiled<I extends TensorContainer, O extends TensorContainer> {
  (inputs: I): O;
  readonly statistics: CompiledStatistics;
  /** Lets go of all traces and of the constants that they hold. */
  dispose(): void;
}

interface Result {
  readonly shape: number[];
  readonly dtype: GraphDataType;
}

interface Trace {
  readonly backend: OnnxRuntimeBackend;
  readonly program: Program;
  readonly results: readonly Result[];
  /** Puts tensors in the places of the function's results. */
  readonly rebuild: (tensors: Tensor[]) => TensorContainer;
}

const NOT_COMPILABLE = Symbol('not compilable');

/**
 * @param step a pure function: it computes tensors from the tensors in its argument and reads none of them. Numbers
 *   that change between calls must be scalar tensors in the argument; everything else that it uses is taken as
 *   constant for the structure. Other values in the argument (strings, numbers) are part of the structure.
 * @returns a function with the same results. On other backends it calls `step`. Where `step` turns out not to be
 *   compilable (a kernel without a lowering), it calls `step` from then on, and `statistics.eager` counts it.
 */
export function compile<I extends TensorContainer, O extends TensorContainer>(
  step: (inputs: I) => O,
  { maxStructures = 64 }: CompileOptions = {},
): Compiled<I, O> {
  const traces = new Map<string, Trace | typeof NOT_COMPILABLE>();
  const counts = { traces: 0, tracingMilliseconds: 0, replays: 0, eager: 0 };

  const forget = (key: string): void => {
    const trace = traces.get(key);
    traces.delete(key);
    if (trace !== undefined && trace !== NOT_COMPILABLE) disposeTrace(trace);
  };

  const call = (inputs: I): O => {
    const backend = tf.backend();
    if (!isCapturing(backend) || backend.capturing) {
      counts.eager += 1;
      return eagerly(step, inputs);
    }
    const leaves = leavesOf(inputs);
    const key = structureOf(inputs, leaves);
    let trace = traces.get(key);
    if (trace !== undefined && trace !== NOT_COMPILABLE && trace.backend !== backend) {
      forget(key);
      trace = undefined;
    }
    if (trace === undefined) {
      const start = performance.now();
      trace = traceStep(backend, step, inputs, leaves);
      counts.traces += 1;
      counts.tracingMilliseconds += performance.now() - start;
    } else {
      traces.delete(key);
    }
    traces.set(key, trace);
    if (traces.size > maxStructures) forget(traces.keys().next().value!);
    if (trace === NOT_COMPILABLE) {
      counts.eager += 1;
      return eagerly(step, inputs);
    }
    counts.replays += 1;
    return replay(trace, leaves) as O;
  };
  const dispose = (): void => [...traces.keys()].forEach(forget);
  return Object.defineProperty(Object.assign(call, { dispose }), 'statistics', {
    get: (): CompiledStatistics => ({ ...counts }),
  }) as Compiled<I, O>;
}

// Not instanceof: the backend imports this module.
const isCapturing = (backend: unknown): backend is OnnxRuntimeBackend =>
  typeof (backend as Partial<OnnxRuntimeBackend>).capture === 'function';

/** The step as it is, with the same owners as a replay: its results are the caller's, what it made besides is gone. */
function eagerly<I extends TensorContainer, O extends TensorContainer>(step: (inputs: I) => O, inputs: I): O {
  return tf.tidy(() => {
    const outputs = step(inputs);
    const leaves = leavesOf(outputs);
    let place = 0;
    // An argument or a constant that is passed through comes back as a tensor of its own; clones cost no copy.
    return replaceLeaves(outputs, () => tf.clone(leaves[place++]!)) as O;
  });
}

/** All tensors of a container, each as often as it occurs, in a fixed order. */
function leavesOf(container: unknown, found: Tensor[] = []): Tensor[] {
  if (container instanceof tf.Tensor) found.push(container);
  else if (isPlain(container)) for (const key of Object.keys(container)) leavesOf(container[key], found);
  return found;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value);
}

function structureOf(container: unknown, leaves: readonly Tensor[]): string {
  const tensors = leaves.map(({ shape, dtype }) => `${dtype}[${shape.join()}]`).join(';');
  return `${tensors}|${skeletonOf(container)}`;
}

function skeletonOf(container: unknown): string {
  if (container instanceof tf.Tensor) return 't';
  if (Array.isArray(container)) return `[${container.map(skeletonOf).join()}]`;
  if (isPlain(container)) {
    return `{${Object.entries(container)
      .map(([name, entry]) => `${name}:${skeletonOf(entry)}`)
      .join()}}`;
  }
  return `${typeof container}:${String(container)}`;
}

/** The same container with its tensors replaced, in the order of `leavesOf`. */
function replaceLeaves(container: unknown, next: () => Tensor): TensorContainer {
  if (container instanceof tf.Tensor) return next();
  if (Array.isArray(container))
    return container.map((entry) => replaceLeaves(entry, next)) as TensorContainer;
  if (!isPlain(container)) return container as TensorContainer;
  return Object.fromEntries(
    Object.entries(container).map(([name, entry]) => [name, replaceLeaves(entry, next)]),
  ) as TensorContainer;
}

function traceStep<I extends TensorContainer, O extends TensorContainer>(
  backend: OnnxRuntimeBackend,
  step: (inputs: I) => O,
  inputs: I,
  leaves: readonly Tensor[],
): Trace | typeof NOT_COMPILABLE {
  for (const { dtype } of leaves) if (!isGraphDataType(dtype)) return NOT_COMPILABLE;
  try {
    return backend.capture(() => record(backend, step, inputs, leaves));
  } catch (error) {
    if (error instanceof OnnxRuntimeError && error.code === 'not-compilable') return NOT_COMPILABLE;
    throw error;
  }
}

function record<I extends TensorContainer, O extends TensorContainer>(
  backend: OnnxRuntimeBackend,
  step: (inputs: I) => O,
  inputs: I,
  leaves: readonly Tensor[],
): Trace {
  // Stand-ins, each with a value of its own: two places of the argument may hold one tensor today and two tomorrow.
  const args = leaves.map(({ dtype, shape }) => new Value(ElementType[dtype as GraphDataType], shape));
  const engine = tf.engine();
  engine.startScope('compile');
  try {
    let index = 0;
    const standIns = replaceLeaves(inputs, () => {
      const leaf = leaves[index]!;
      const info = backend.makeTensorInfo(args[index++]!, leaf.shape, leaf.dtype as GraphDataType);
      return engine.makeTensorFromTensorInfo(info, backend);
    }) as I;
    const outputs = step(standIns);
    const results = leavesOf(outputs);
    for (const { dtype } of results) {
      if (!isGraphDataType(dtype)) backend.capturing!.refuse(`returns a tensor of ${dtype}`);
    }
    const wanted = results.map((tensor) => backend.graphData(tensor).value);
    const program = buildProgram(backend.recorder.nodes, args, wanted, (segment) =>
      backend.sessions.acquire(segment),
    );
    for (const { value } of program.captured) value.holders += 1;
    return {
      backend,
      program,
      results: results.map(({ shape, dtype }) => ({ shape, dtype: dtype as GraphDataType })),
      rebuild: (tensors) => {
        let place = 0;
        return replaceLeaves(outputs, () => tensors[place++]!);
      },
    };
  } finally {
    engine.endScope();
  }
}

function replay({ backend, program, results, rebuild }: Trace, leaves: readonly Tensor[]): TensorContainer {
  const values = leaves.map((tensor) => backend.graphData(tensor).value);
  if (values.some(({ buffer }) => buffer === null)) backend.flush();
  const buffers = backend.run(
    program,
    values.map(({ buffer }) => buffer!),
  );
  const known = new Map<number, Value>(values.map((value, slot) => [slot, value]));
  for (const { slot, value } of program.captured) known.set(slot, value);
  const tensors = results.map(({ shape, dtype }, index) => {
    const slot = program.results[index]!;
    // A result may be an argument, a constant or another result: then both share the value.
    let value = known.get(slot);
    if (!value) {
      value = new Value(ElementType[dtype], shape);
      value.buffer = buffers[index]!;
      known.set(slot, value);
    }
    return tf.engine().makeTensorFromTensorInfo(backend.makeTensorInfo(value, shape, dtype), backend);
  });
  return rebuild(tensors);
}

function disposeTrace({ backend, program }: Trace): void {
  releaseProgram(program);
  for (const { value } of program.captured) backend.letGo(value);
}
