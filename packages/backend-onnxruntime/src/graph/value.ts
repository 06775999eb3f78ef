/** What flows through recorded graphs: values that exist, and values that some recorded operation will make. */
import type { TensorBuffer } from '../memory/buffer.js';
import type { Attributes } from '../onnx/proto.js';
import { sizeOf } from '../onnx/element-types.js';
import type { ElementType } from '../onnx/element-types.js';

/** One array of numbers. It has a buffer, or a node that will fill one, or it is an argument of a compiled function. */
export class Value {
  buffer: TensorBuffer | null = null;
  node: GraphNode | null = null;
  /** Tensors, programs and other owners that may still ask for it. */
  holders = 0;
  /** Recorded nodes that read it and have not run. */
  uses = 0;

  constructor(
    readonly type: ElementType,
    /** The shape in which it is made. tfjs tensors may view it in other shapes of the same size. */
    readonly shape: readonly number[],
  ) {}

  get size(): number {
    return sizeOf(this.shape);
  }
}

/** A value in the shape that its reader wants; another shape than its own costs no copy. */
export interface Input {
  readonly kind: 'value';
  readonly value: Value;
  readonly shape: readonly number[];
}

/** Numbers that belong to the program and not to its data: axes, exponents. Part of the graph's identity. */
export interface Constant {
  readonly kind: 'constant';
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
  /** Equal for equal constants. */
  readonly key: string;
}

export type Operand = Input | Constant;

export interface GraphNode {
  readonly type: string;
  readonly domain: string;
  readonly attributes: Attributes;
  /** Equal for equal operators: type, domain and attributes. */
  readonly key: string;
  /** `null`: an optional input that is left out. */
  readonly inputs: readonly (Operand | null)[];
  readonly outputs: readonly Value[];
  /** Nodes of one number run as one graph, see `Recorder.cut`. */
  readonly segment: number;
  /** The tfjs kernel that recorded it. */
  readonly kernel: string;
}
