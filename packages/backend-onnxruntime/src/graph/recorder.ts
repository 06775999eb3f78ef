/** Collects operations that have not run yet. Whoever has it may also cut the sequence into graphs of its own. */
import { sizeOf } from '../onnx/element-types.js';
import type { ElementType } from '../onnx/element-types.js';
import type { Attributes } from '../onnx/proto.js';
import { Value } from './value.js';
import type { GraphNode, Input, Operand } from './value.js';

export interface OutputSpec {
  readonly type: ElementType;
  readonly shape: readonly number[];
}

export interface OperationSpec {
  readonly type: string;
  readonly domain?: string;
  readonly attributes?: Attributes;
  readonly inputs: readonly (Operand | null)[];
  readonly outputs: readonly OutputSpec[];
}

export class Recorder {
  #nodes: GraphNode[] = [];
  #segment = 0;
  #group: string | undefined;
  /** Name of the tfjs kernel at work. */
  kernel = '';

  /** What was recorded since the last `take`. */
  get nodes(): readonly GraphNode[] {
    return this.#nodes;
  }

  get size(): number {
    return this.#nodes.length;
  }

  /** Records an operation and returns its outputs, in their own shapes. */
  record({ type, domain = '', attributes = {}, inputs, outputs }: OperationSpec): Input[] {
    const values = outputs.map((output) => new Value(output.type, output.shape));
    const key = `${domain}:${type}(${Object.entries(attributes)
      .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
      .join(',')})`;
    const node: GraphNode = {
      type,
      domain,
      attributes,
      key,
      inputs,
      outputs: values,
      segment: this.#segment,
      kernel: this.kernel,
    };
    for (const input of inputs) if (input?.kind === 'value') input.value.uses += 1;
    for (const value of values) value.node = node;
    this.#nodes.push(node);
    return values.map((value) => ({ kind: 'value', value, shape: value.shape }));
  }

  /**
   * What is recorded from here on runs as another graph than what was recorded before. Graphs are shared where their
   * structure is the same: twelve equal layers between cuts are compiled once.
   */
  cut(): void {
    this.#segment += 1;
  }

  /**
   * Called before a tfjs kernel records. Kernels that name a group run in one graph with their neighbours of the same
   * group and with nothing else.
   */
  beginKernel(kernel: string, group?: string): void {
    this.kernel = kernel;
    if (group === this.#group) return;
    this.cut();
    this.#group = group;
  }

  /** Hands all recorded nodes over and starts anew. */
  take(): GraphNode[] {
    const nodes = this.#nodes;
    this.#nodes = [];
    this.#segment = 0;
    this.#group = undefined;
    return nodes;
  }
}

/** The same value in another shape of the same size. */
export function reshape(input: Input, shape: readonly number[]): Input {
  if (sizeOf(shape) !== sizeOf(input.shape)) {
    throw new RangeError(`a value of shape [${input.shape}] cannot be viewed as [${shape}]`);
  }
  return { kind: 'value', value: input.value, shape };
}
