/**
 * How outputs are had without a copy. onnxruntime-node writes an output into the buffer that it is given, and then
 * copies it into a new ArrayBuffer for its own result all the same, output after output in the order of the graph. For a
 * training step that is half a gigabyte of fresh pages, a fifth of its time. A first output of a type that JavaScript
 * has no array for (bfloat16) ends the call before the first copy; everything asked for is in its buffers by then.
 *
 * Nothing rests on the binding doing so: it is tried once when the binary is loaded, and where it does otherwise, models
 * are made without the guard.
 */
import { Tensor } from 'onnxruntime-common';
import { encodeModel } from '../onnx/proto.js';
import type { InitializerSpec, NodeSpec, ValueSpec } from '../onnx/proto.js';
import type { NativeSession, RuntimeValues } from './binding.js';

const FLOAT = 1;
const BFLOAT16 = 16;
const NAME = 'guard';
const REFUSAL = /Tensor type \(16\) is not supported/;

interface Guard {
  readonly node: NodeSpec;
  readonly output: ValueSpec;
  readonly initializer: InitializerSpec;
}

export const GUARD: Guard = {
  node: {
    name: NAME,
    type: 'Cast',
    domain: '',
    inputs: ['guarded'],
    outputs: [NAME],
    attributes: { to: BFLOAT16 },
  },
  output: { name: NAME, type: BFLOAT16, shape: [] },
  initializer: { name: 'guarded', type: FLOAT, shape: [], bytes: new Uint8Array(4) },
};

/** @throws what the run throws, the guard's own refusal aside */
export function runGuarded(session: NativeSession, feeds: RuntimeValues, fetches: RuntimeValues): void {
  try {
    session.run(feeds, { [NAME]: null, ...fetches }, {});
  } catch (error) {
    if (!(error instanceof Error) || !REFUSAL.test(error.message)) throw error;
  }
}

/** Whether a run with the guard leaves the result in the given buffer and makes no other. */
export function guardWorks(createSession: () => NativeSession): boolean {
  const model = encodeModel({
    nodes: [
      GUARD.node,
      { name: 'negate', type: 'Neg', domain: '', inputs: ['x'], outputs: ['y'], attributes: {} },
    ],
    inputs: [{ name: 'x', type: FLOAT, shape: [1] }],
    outputs: [GUARD.output, { name: 'y', type: FLOAT, shape: [1] }],
    initializers: [GUARD.initializer],
  });
  const session = createSession();
  const result = new Float32Array(1);
  try {
    session.loadModel(model.buffer, model.byteOffset, model.byteLength, { logSeverityLevel: 4 });
    const x = new Tensor('float32', new Float32Array([3]), [1]);
    session.run({ x }, { [NAME]: null, y: new Tensor('float32', result, [1]) }, {});
    return false; // it made a result of its own, so nothing is gained
  } catch (error) {
    return error instanceof Error && REFUSAL.test(error.message) && result[0] === -3;
  } finally {
    session.dispose();
  }
}
