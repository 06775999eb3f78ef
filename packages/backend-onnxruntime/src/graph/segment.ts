/** One graph of a program: its structure as a key, and its ONNX model when it has to be compiled. */
import { ElementType, sizeOf } from '../onnx/element-types.js';
import { encodeModel } from '../onnx/proto.js';
import { GUARD } from '../runtime/guard.js';
import type { InitializerSpec, NodeSpec } from '../onnx/proto.js';
import type { GraphNode, Operand, Value } from './value.js';

export interface SegmentSpec {
  /** Equal for graphs that do the same to inputs of the same shapes. */
  readonly key: string;
  /** A value may come in under several shapes. */
  readonly inputs: readonly {
    readonly name: string;
    readonly value: Value;
    readonly shape: readonly number[];
  }[];
  readonly outputs: readonly { readonly name: string; readonly value: Value }[];
  /** tfjs kernels in it, for messages. */
  readonly kernels: string;
  /** Rough number of multiplications, to choose the number of threads. */
  readonly work: number;
  /** Whether several threads would disturb each other. */
  readonly sequential: boolean;
  /** @param guarded whether the model has the guard of `runtime/guard.ts` as its first output */
  encode(guarded: boolean): Uint8Array;
}

/** @param leaves whether a value is read after this graph */
export function describeSegment(nodes: readonly GraphNode[], leaves: (value: Value) => boolean): SegmentSpec {
  const own = new Map<Value, string>();
  const names = new Map<string, string>();
  const inputs: { name: string; value: Value; shape: readonly number[] }[] = [];
  const constants = new Map<string, InitializerSpec>();
  const inputIds = new Map<Value, number>();
  const lines: string[] = [];
  const specs: NodeSpec[] = [];
  let reshapes = 0;

  const constant = (operand: Extract<Operand, { kind: 'constant' }>): string => {
    const known = constants.get(operand.key);
    if (known) return known.name;
    const name = `c${constants.size}`;
    constants.set(operand.key, { name, type: operand.type, shape: operand.shape, bytes: operand.bytes });
    lines.push(`${name}=${operand.key}`);
    return name;
  };
  const reference = (operand: Operand | null): string => {
    if (operand === null) return '';
    if (operand.kind === 'constant') return constant(operand);
    const { value, shape } = operand;
    const made = own.get(value);
    const shapeKey = shape.join();
    if (made !== undefined && shapeKey === value.shape.join()) return made;
    let id = inputIds.get(value);
    if (made === undefined && id === undefined) inputIds.set(value, (id = inputIds.size));
    const viewKey = `${made ?? `i${id}`}[${shapeKey}]`;
    const known = names.get(viewKey);
    if (known !== undefined) return known;
    let name: string;
    if (made === undefined) {
      name = `i${inputs.length}`;
      inputs.push({ name, value, shape });
      lines.push(`${name}=${value.type}[${shapeKey}]${id}`);
    } else {
      name = `r${reshapes++}`;
      const target = constant({
        kind: 'constant',
        type: ElementType.int64,
        shape: [shape.length],
        bytes: new Uint8Array(BigInt64Array.from(shape, BigInt).buffer),
        key: `shape${shapeKey}`,
      });
      // allowzero: a zero is a size like any other, not "as before".
      specs.push({
        name,
        type: 'Reshape',
        domain: '',
        inputs: [made, target],
        outputs: [name],
        attributes: { allowzero: 1 },
      });
      lines.push(`${name}=Reshape(${made},${shapeKey})`);
    }
    names.set(viewKey, name);
    return name;
  };

  let outputCount = 0;
  let work = 0;
  const outputs: { name: string; value: Value }[] = [];
  for (const node of nodes) {
    const from = node.inputs.map(reference);
    const to = node.outputs.map((value) => {
      const name = `v${outputCount++}`;
      own.set(value, name);
      return name;
    });
    specs.push({
      name: `${node.kernel}:${to[0]}`,
      type: node.type,
      domain: node.domain,
      inputs: from,
      outputs: to,
      attributes: node.attributes,
    });
    lines.push(`${to.join()}=${node.key}${from.join()}`);
    work += workOf(node);
  }
  for (const node of nodes) {
    for (const value of node.outputs) if (leaves(value)) outputs.push({ name: own.get(value)!, value });
  }
  lines.push(outputs.map(({ name }) => name).join());

  const kernels = [...new Set(nodes.map(({ kernel }) => kernel))];
  return {
    key: lines.join('\n'),
    inputs,
    outputs,
    kernels: kernels.length > 8 ? `${kernels.slice(0, 8).join(', ')} and others` : kernels.join(', '),
    work,
    sequential: nodes.some(isSequential),
    encode: (guarded) =>
      encodeModel({
        nodes: guarded ? [GUARD.node, ...specs] : specs,
        inputs: inputs.map(({ name, value, shape }) => ({ name, type: value.type, shape })),
        outputs: [
          ...(guarded ? [GUARD.output] : []),
          ...outputs.map(({ name, value }) => ({ name, type: value.type, shape: value.shape })),
        ],
        initializers: [...(guarded ? [GUARD.initializer] : []), ...constants.values()],
      }),
  };
}

/**
 * ONNX Runtime's ScatterND gives every thread a share of the rows and none the right of way: of two rows for one place
 * that are written at once, one is lost, and which one is luck.
 */
const isSequential = ({ type }: GraphNode): boolean => type === 'ScatterND';

function workOf({ type, inputs, outputs }: GraphNode): number {
  const made = outputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const [first] = inputs;
  const read = first?.kind === 'value' ? sizeOf(first.shape) : 0;
  const inner = /MatMul|Gemm/.test(type) && first ? (first.shape.at(-1) ?? 1) : 1;
  return Math.max(made * inner, read);
}
