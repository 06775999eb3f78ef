/** What a kernel's lowering works with: tfjs tensors in, recorded ONNX operations, tfjs tensors out. */
import type { NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import type { OnnxRuntimeBackend } from '../backend.js';
import { reshape } from '../graph/recorder.js';
import type { OutputSpec } from '../graph/recorder.js';
import type { Constant, Input, Operand } from '../graph/value.js';
import { ElementType } from '../onnx/element-types.js';
import type { Elements, GraphDataType } from '../onnx/element-types.js';
import type { Attributes } from '../onnx/proto.js';

export const MICROSOFT = 'com.microsoft';

const DTYPES = {
  [ElementType.float32]: 'float32',
  [ElementType.int32]: 'int32',
  [ElementType.bool]: 'bool',
} as const;

export class Lowering {
  constructor(readonly backend: OnnxRuntimeBackend) {}

  /** The tensor as an operand, in the shape that the kernel sees. */
  input(info: TensorInfo): Input {
    return { kind: 'value', value: this.backend.graphData(info).value, shape: info.shape };
  }

  /** The numbers, where they exist already: not for what is only recorded, nor for a compiled function's arguments. */
  known(info: TensorInfo): Elements | undefined {
    return this.backend.graphData(info).value.buffer?.elements;
  }

  /** Records an operation with one output. */
  op(
    type: string,
    inputs: readonly (Operand | null)[],
    output: OutputSpec,
    attributes: Attributes = {},
    domain = '',
  ): Input {
    return this.ops(type, inputs, [output], attributes, domain)[0]!;
  }

  /** Records an operation with several outputs. */
  ops(
    type: string,
    inputs: readonly (Operand | null)[],
    outputs: readonly OutputSpec[],
    attributes: Attributes = {},
    domain = '',
  ): Input[] {
    return this.backend.recorder.record({ type, domain, attributes, inputs, outputs });
  }

  /** A float32 operation of one output, by far the commonest. */
  float(
    type: string,
    inputs: readonly (Operand | null)[],
    shape: readonly number[],
    attributes: Attributes = {},
    domain = '',
  ): Input {
    return this.op(type, inputs, { type: ElementType.float32, shape }, attributes, domain);
  }

  /** Elementwise float32 operation with the shape of its first input. */
  map(type: string, ...inputs: [Input, ...Operand[]]): Input {
    return this.float(type, inputs, inputs[0].shape);
  }

  /** Elementwise yes or no, in the shape of the first input. */
  test(type: string, ...inputs: [Input, ...Operand[]]): Input {
    return this.op(type, inputs, { type: ElementType.bool, shape: inputs[0].shape });
  }

  /** `yes` where the condition holds and `no` elsewhere, in the shape of the condition unless told. */
  where(condition: Input, yes: Operand, no: Operand, shape = condition.shape): Input {
    return this.op('Where', [condition, yes, no], { type: typeOf(yes), shape });
  }

  reshape(input: Input, shape: readonly number[]): Input {
    return reshape(input, shape);
  }

  cast(input: Input, type: ElementType): Input {
    if (input.value.type === type) return input;
    return this.op('Cast', [input], { type, shape: input.shape }, { to: type });
  }

  /** As a cast in tfjs: what is no int32 becomes 0, where the processor's conversion has no answer. */
  toInt32(input: Input): Input {
    if (input.value.type !== ElementType.float32) return this.cast(input, ElementType.int32);
    const fits = this.test('LessOrEqual', this.map('Abs', input), scalar(2 ** 31));
    return this.cast(this.where(fits, input, scalar(0)), ElementType.int32);
  }

  transpose(input: Input, perm: readonly number[]): Input {
    const shape = perm.map((axis) => input.shape[axis]!);
    return this.op('Transpose', [input], { type: input.value.type, shape }, { perm });
  }

  /** A reduction over some axes. */
  reduce(type: string, input: Input, axes: readonly number[], keep: boolean): Input {
    const shape = input.shape.flatMap((n, axis) => (axes.includes(axis) ? (keep ? [1] : []) : [n]));
    return this.op(type, [input, ints(axes)], { type: input.value.type, shape }, { keepdims: keep ? 1 : 0 });
  }

  /** The result as a tensor. Its dtype follows from the element type. */
  output(input: Input): TensorInfo {
    const type = input.value.type as keyof typeof DTYPES;
    return this.backend.makeTensorInfo(input.value, input.shape, DTYPES[type]);
  }
}

export const typeOf = (operand: Operand): ElementType =>
  operand.kind === 'value' ? operand.value.type : operand.type;

/** A vector of int64, as ONNX wants axes, shapes and indices of its own. */
export function ints(values: readonly number[]): Constant {
  return constant(
    ElementType.int64,
    [values.length],
    BigInt64Array.from(values, (n) => BigInt(n)),
  );
}

/** A number of the given type, of shape []. */
export function scalar(value: number, type: ElementType = ElementType.float32): Constant {
  return constant(type, [], valuesOf(type, [value]));
}

/** A vector, part of the program. */
export function vector(values: readonly number[], type: ElementType = ElementType.float32): Constant {
  return constant(type, [values.length], valuesOf(type, values));
}

function valuesOf(type: ElementType, values: readonly number[]) {
  switch (type) {
    case ElementType.float32:
      return Float32Array.from(values);
    case ElementType.int32:
      return Int32Array.from(values);
    case ElementType.bool:
      return Uint8Array.from(values);
    case ElementType.int64:
      return BigInt64Array.from(values, (n) => BigInt(n));
    case ElementType.float64:
      return Float64Array.from(values);
  }
}

/** Numbers that belong to the program. Keep them few: they are part of the graph's identity. */
export function constant(type: ElementType, shape: readonly number[], elements: Elements): Constant {
  const bytes = new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength);
  const key = `const${type}[${shape.join()}]${Buffer.from(bytes).toString('base64')}`;
  return { kind: 'constant', type, shape, bytes, key };
}

// tfjs types inputs as one map of tensors, although some kernels take lists under `$`-less names.
export type KernelInputs = Readonly<Record<string, TensorInfo>>;
export type KernelAttributes = NamedAttrMap;

export interface LoweredKernel {
  readonly name: string;
  /** Name of the group of neighbours that it runs with; see `Recorder.beginKernel`. */
  readonly group?: (attrs: never) => string | undefined;
  /** Whether it also takes strings, complex numbers and tensors without elements. */
  readonly anyInput?: boolean;
  /** `null`: not for these inputs; tfjs's CPU kernel does it. Nothing may have been recorded then. */
  lower(l: Lowering, inputs: never, attrs: never): TensorInfo | TensorInfo[] | null;
}

/** Types a kernel's inputs and attributes where it is written down. */
export function kernel<I = { x: TensorInfo }, A = object>(
  name: string,
  lower: (l: Lowering, inputs: I, attrs: A) => TensorInfo | TensorInfo[] | null,
  more: { readonly group?: (attrs: A) => string | undefined; readonly anyInput?: boolean } = {},
): LoweredKernel {
  return { name, lower: lower as LoweredKernel['lower'], ...(more as object) };
}

export type { Attributes, Constant, GraphDataType, Input, Operand };
export { ElementType };
