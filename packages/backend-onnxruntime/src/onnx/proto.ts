/**
 * The part of ONNX's protobuf schema (onnx.proto3, https://github.com/onnx/onnx) that a model of static shapes
 * needs. Field numbers are the format's.
 */
import protobuf from 'protobufjs/light.js';

const repeated = (id: number, type: string) => ({ id, type, rule: 'repeated' });

const schema = {
  nested: {
    onnx: {
      nested: {
        OperatorSetIdProto: {
          fields: { domain: { id: 1, type: 'string' }, version: { id: 2, type: 'int64' } },
        },
        AttributeProto: {
          fields: {
            name: { id: 1, type: 'string' },
            f: { id: 2, type: 'float' },
            i: { id: 3, type: 'int64' },
            s: { id: 4, type: 'bytes' },
            floats: repeated(7, 'float'),
            ints: repeated(8, 'int64'),
            type: { id: 20, type: 'int32' },
          },
        },
        TensorProto: {
          fields: {
            dims: repeated(1, 'int64'),
            dataType: { id: 2, type: 'int32' },
            name: { id: 8, type: 'string' },
            rawData: { id: 9, type: 'bytes' },
          },
        },
        Dimension: { fields: { dimValue: { id: 1, type: 'int64' } } },
        TensorShapeProto: { fields: { dim: repeated(1, 'Dimension') } },
        TensorTypeProto: {
          fields: { elemType: { id: 1, type: 'int32' }, shape: { id: 2, type: 'TensorShapeProto' } },
        },
        TypeProto: { fields: { tensorType: { id: 1, type: 'TensorTypeProto' } } },
        ValueInfoProto: { fields: { name: { id: 1, type: 'string' }, type: { id: 2, type: 'TypeProto' } } },
        NodeProto: {
          fields: {
            input: repeated(1, 'string'),
            output: repeated(2, 'string'),
            name: { id: 3, type: 'string' },
            opType: { id: 4, type: 'string' },
            attribute: repeated(5, 'AttributeProto'),
            domain: { id: 7, type: 'string' },
          },
        },
        GraphProto: {
          fields: {
            node: repeated(1, 'NodeProto'),
            name: { id: 2, type: 'string' },
            initializer: repeated(5, 'TensorProto'),
            input: repeated(11, 'ValueInfoProto'),
            output: repeated(12, 'ValueInfoProto'),
          },
        },
        ModelProto: {
          fields: {
            irVersion: { id: 1, type: 'int64' },
            producerName: { id: 2, type: 'string' },
            graph: { id: 7, type: 'GraphProto' },
            opsetImport: repeated(8, 'OperatorSetIdProto'),
          },
        },
      },
    },
  },
};

const modelType = protobuf.Root.fromJSON(schema).lookupType('onnx.ModelProto');

/** `AttributeProto.AttributeType`. */
const FLOAT = 1;
const INT = 2;
const STRING = 3;
const FLOATS = 6;
const INTS = 7;

/** Integers and floats differ in ONNX: `1` is an integer attribute, `float(1)` a float one. */
export interface FloatAttribute {
  readonly float: number | readonly number[];
}
export const float = (value: number | readonly number[]): FloatAttribute => ({ float: value });

export type AttributeValue = number | string | readonly number[] | FloatAttribute;
export type Attributes = Readonly<Record<string, AttributeValue>>;

function attribute(name: string, value: AttributeValue): object {
  if (typeof value === 'string') return { name, s: Buffer.from(value), type: STRING };
  if (typeof value === 'number') return { name, i: value, type: INT };
  if ('float' in value) {
    return typeof value.float === 'number'
      ? { name, f: value.float, type: FLOAT }
      : { name, floats: value.float, type: FLOATS };
  }
  return { name, ints: value, type: INTS };
}

export interface NodeSpec {
  readonly name: string;
  readonly type: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}
export interface ValueSpec {
  readonly name: string;
  readonly type: number;
  readonly shape: readonly number[];
}
export interface InitializerSpec extends ValueSpec {
  readonly bytes: Uint8Array;
}

export interface ModelSpec {
  readonly nodes: readonly NodeSpec[];
  readonly inputs: readonly ValueSpec[];
  readonly outputs: readonly ValueSpec[];
  readonly initializers: readonly InitializerSpec[];
}

const IR_VERSION = 10;
export const OPERATOR_SETS = { '': 20, 'com.microsoft': 1 } as const;

const valueInfo = ({ name, type, shape }: ValueSpec): object => ({
  name,
  type: { tensorType: { elemType: type, shape: { dim: shape.map((dimValue) => ({ dimValue })) } } },
});

/** The bytes of an ONNX model. */
export function encodeModel({ nodes, inputs, outputs, initializers }: ModelSpec): Uint8Array {
  return modelType
    .encode({
      irVersion: IR_VERSION,
      producerName: '@ligature/backend-onnxruntime',
      opsetImport: Object.entries(OPERATOR_SETS).map(([domain, version]) => ({ domain, version })),
      graph: {
        name: 'graph',
        node: nodes.map((node) => ({
          name: node.name,
          opType: node.type,
          domain: node.domain,
          input: node.inputs,
          output: node.outputs,
          attribute: Object.entries(node.attributes).map(([name, value]) => attribute(name, value)),
        })),
        input: inputs.map(valueInfo),
        output: outputs.map(valueInfo),
        initializer: initializers.map(({ name, type, shape, bytes }) => ({
          name,
          dims: shape,
          dataType: type,
          rawData: bytes,
        })),
      },
    })
    .finish();
}
