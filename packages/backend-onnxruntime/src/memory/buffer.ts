/** Memory of one tensor, and the ONNX Runtime tensors that view it. */
import { Tensor as RuntimeTensor } from 'onnxruntime-common';
import { RUNTIME_TYPES } from '../onnx/element-types.js';
import type { Elements, ElementType } from '../onnx/element-types.js';

/** ONNX Runtime's own view of a buffer; made once a shape, because making one costs as much as a small kernel. */
export type View = RuntimeTensor;

export class TensorBuffer {
  /** False once somebody outside may hold the array: it is never given to another tensor then. */
  reusable = true;
  readonly #views = new Map<string, View>();

  constructor(
    readonly type: ElementType,
    readonly elements: Elements,
  ) {}

  get bytes(): number {
    return this.elements.byteLength;
  }

  view(shape: readonly number[], key: string): View {
    const known = this.#views.get(key);
    if (known) return known;
    const made = new RuntimeTensor(RUNTIME_TYPES[this.type], this.elements as Float32Array, shape);
    this.#views.set(key, made);
    return made;
  }
}
