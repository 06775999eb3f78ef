/**
 * An independent reader of event files: records by the format's description, messages by protobufjs from a schema with
 * the field numbers that TensorBoard publishes (tensorboard/compat/proto/event.proto, summary.proto, tensor.proto,
 * tensor_shape.proto). Nothing of it is shared with what writes them.
 */
import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';

const { root } = protobuf.parse(
  `
  syntax = "proto3";
  message Event {
    double wall_time = 1;
    int64 step = 2;
    oneof what { string file_version = 3; Summary summary = 5; }
  }
  message Summary {
    message Image { int32 height = 1; int32 width = 2; int32 colorspace = 3; bytes encoded_image_string = 4; }
    message Value {
      string tag = 1;
      SummaryMetadata metadata = 9;
      oneof value { float simple_value = 2; Image image = 4; TensorProto tensor = 8; }
    }
    repeated Value value = 1;
  }
  message SummaryMetadata {
    message PluginData { string plugin_name = 1; bytes content = 2; }
    enum DataClass { UNKNOWN = 0; SCALAR = 1; TENSOR = 2; BLOB_SEQUENCE = 3; }
    PluginData plugin_data = 1;
    DataClass data_class = 4;
  }
  message TensorProto {
    enum DataType { DT_INVALID = 0; DT_FLOAT = 1; DT_STRING = 7; }
    message Shape { message Dim { int64 size = 1; } repeated Dim dim = 2; }
    DataType dtype = 1;
    Shape tensor_shape = 2;
    repeated bytes string_val = 8;
  }`,
  { keepCase: true },
);
const Event = root.lookupType('Event');

export interface ReadValue {
  readonly tag: string;
  readonly metadata?: { readonly plugin_data: { readonly plugin_name: string }; readonly data_class: string };
  readonly simple_value?: number;
  readonly image?: {
    readonly height: number;
    readonly width: number;
    readonly colorspace: number;
    readonly encoded_image_string: Buffer;
  };
  readonly tensor?: {
    readonly dtype: string;
    readonly tensor_shape: { readonly dim: readonly { readonly size: number }[] };
    readonly string_val: readonly Buffer[];
  };
}

export interface ReadEvent {
  readonly wall_time: number;
  readonly step: number;
  readonly file_version?: string;
  readonly summary?: { readonly value: readonly ReadValue[] };
}

/** Every event of a file. @throws Error where a record is torn or its checksum is wrong */
export function readEventFile(path: string): ReadEvent[] {
  return [...records(readFileSync(path))].map((data) => {
    const message = Event.decode(data);
    // An unknown field would be a number that TensorBoard does not know.
    const again = Event.encode(message).finish();
    if (again.length !== data.length) throw new Error('the schema does not know all of its fields');
    const event = Event.toObject(message, { longs: Number, enums: String, bytes: Buffer });
    return { step: 0, wall_time: 0, ...event };
  });
}

/** The points of each scalar: tag to pairs of step and value. */
export function scalarsOf(events: readonly ReadEvent[]): Map<string, [step: number, value: number][]> {
  const scalars = new Map<string, [number, number][]>();
  for (const { step, summary } of events) {
    for (const { tag, simple_value: value } of summary?.value ?? []) {
      if (value === undefined) continue;
      scalars.set(tag, [...(scalars.get(tag) ?? []), [step, value]]);
    }
  }
  return scalars;
}

function* records(file: Buffer): Generator<Buffer> {
  for (let at = 0; at < file.length;) {
    const length = Number(file.readBigUInt64LE(at));
    const data = file.subarray(at + 12, at + 12 + length);
    if (file.readUInt32LE(at + 8) !== masked(file.subarray(at, at + 8))) throw new Error('length is damaged');
    if (file.readUInt32LE(at + 12 + length) !== masked(data)) throw new Error('data are damaged');
    yield data;
    at += 16 + length;
  }
}

/** The checksum bit by bit, as the definition of the polynomial has it, and rotated and shifted as TFRecord does. */
function masked(data: Buffer): number {
  let crc = 2n ** 32n - 1n;
  for (const byte of data) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1n ? (crc >> 1n) ^ 0x82f63b78n : crc >> 1n;
  }
  crc ^= 2n ** 32n - 1n;
  const rotated = BigInt.asUintN(32, (crc >> 15n) | (crc << 17n));
  return Number(BigInt.asUintN(32, rotated + 0xa282ead8n));
}
