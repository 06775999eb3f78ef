/**
 * Reads the safetensors format from bytes that nobody vouches for: every length, name, type, shape and offset is
 * checked before it is used, nothing is allocated that the file does not itself contain, and every byte of data
 * belongs to exactly one tensor.
 */
import { InputError, parseJson } from '@ligature/core';
import { repeatedKey } from './repeated-key.js';
import { bfloat16ToFloat32, float16ToFloat32 } from './half.js';
import type { SafetensorsFile, SafetensorsTensor, StoredArray } from './types.js';

/** The limit of the reference implementation. */
const MAX_HEADER_BYTES = 100_000_000;

interface Reader {
  readonly bytes: number;
  read(buffer: ArrayBuffer): StoredArray;
}

const READERS = new Map<unknown, Reader>([
  ['F32', { bytes: 4, read: (buffer) => new Float32Array(buffer) }],
  ['F64', { bytes: 8, read: (buffer) => new Float64Array(buffer) }],
  ['I64', { bytes: 8, read: (buffer) => Float64Array.from(new BigInt64Array(buffer), Number) }],
  ['U64', { bytes: 8, read: (buffer) => Float64Array.from(new BigUint64Array(buffer), Number) }],
  ['I16', { bytes: 2, read: (buffer) => Int32Array.from(new Int16Array(buffer)) }],
  ['U16', { bytes: 2, read: (buffer) => Uint32Array.from(new Uint16Array(buffer)) }],
  ['I8', { bytes: 1, read: (buffer) => Int32Array.from(new Int8Array(buffer)) }],
  ['I32', { bytes: 4, read: (buffer) => new Int32Array(buffer) }],
  ['U32', { bytes: 4, read: (buffer) => new Uint32Array(buffer) }],
  ['U8', { bytes: 1, read: (buffer) => new Uint8Array(buffer) }],
  ['BOOL', { bytes: 1, read: (buffer) => new Uint8Array(buffer) }],
  ['F16', { bytes: 2, read: (buffer) => Float32Array.from(new Uint16Array(buffer), float16ToFloat32) }],
  ['BF16', { bytes: 2, read: (buffer) => bfloat16ToFloat32(new Uint16Array(buffer)) }],
]);

interface Entry {
  readonly name: string;
  readonly reader: Reader;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/**
 * @returns tensors in the order of their data; float16 and bfloat16 as float32, narrower integers as 32 bits, those of
 *   64 bits as float64, which rounds them beyond 2^53. The data is copied.
 * @throws InputError (`safetensors-invalid`) for anything that is no well-formed file
 */
export function decodeSafetensors(bytes: Uint8Array): SafetensorsFile {
  if (bytes.length < 8) throw invalid(`it has ${bytes.length} bytes, fewer than its first field`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const declared = view.getBigUint64(0, true);
  if (declared > BigInt(MAX_HEADER_BYTES)) throw invalid(`it declares a header of ${declared} bytes`);
  const start = 8 + Number(declared);
  if (start > bytes.length) {
    throw invalid(`it declares a header of ${declared} bytes, but only ${bytes.length - 8} follow`);
  }
  const header = parseHeader(bytes.subarray(8, start));
  const metadata = readMetadata(header['__metadata__']);
  const entries = Object.keys(header)
    .filter((name) => name !== '__metadata__')
    .map((name) => readEntry(name, header[name], bytes.length - start))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);

  const tensors = new Map<string, SafetensorsTensor>();
  let offset = 0;
  for (const { name, reader, shape, begin, end } of entries) {
    if (begin !== offset) {
      const what = begin < offset ? 'overlaps the tensor before it' : 'leaves a gap before it';
      throw invalid(`"${name}" at bytes ${begin} to ${end} ${what}`);
    }
    // A copy, because the offsets need not be aligned to the element size. tfjs's hosts are little-endian.
    const data = new Uint8Array(end - begin);
    data.set(bytes.subarray(start + begin, start + end));
    tensors.set(name, { shape, data: reader.read(data.buffer) });
    offset = end;
  }
  if (offset !== bytes.length - start) {
    throw invalid(`${bytes.length - start - offset} bytes at its end belong to no tensor`);
  }
  return { tensors, metadata };
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    value = parseJson(text);
  } catch {
    throw invalid('its header is no JSON, or nested without end');
  }
  if (!text.startsWith('{') || !isObject(value)) throw invalid('its header is no JSON object');
  const twice = repeatedKey(text);
  if (twice !== undefined) throw invalid(`its header has the name "${twice}" twice`);
  return value;
}

function readMetadata(value: unknown): Record<string, string> {
  // As the reference implementation writes none.
  if (value === undefined || value === null) return {};
  if (!isObject(value) || !Object.values(value).every((one) => typeof one === 'string')) {
    throw invalid('its metadata is no object of strings');
  }
  return value as Record<string, string>;
}

function readEntry(name: string, value: unknown, available: number): Entry {
  if (!isObject(value)) throw invalid(`the header entry of "${name}" is no object`);
  const unknown = Object.keys(value).find((key) => !['dtype', 'shape', 'data_offsets'].includes(key));
  if (unknown !== undefined)
    throw invalid(`the header entry of "${name}" has the unknown field "${unknown}"`);
  const reader = READERS.get(value['dtype']);
  if (!reader) {
    throw invalid(
      `"${name}" has the type ${JSON.stringify(value['dtype'])}; read are ${[...READERS.keys()].join(', ')}`,
    );
  }
  const shape = value['shape'];
  const offsets = value['data_offsets'];
  if (!isCounts(shape)) throw invalid(`the shape of "${name}" is no list of lengths`);
  if (!isCounts(offsets) || offsets.length !== 2) throw invalid(`"${name}" has no pair of offsets`);
  const [begin, end] = offsets as [number, number];
  if (begin > end || end > available) {
    throw invalid(`"${name}" lies at bytes ${begin} to ${end} of ${available}`);
  }
  // Exact although the product may be huge: once it is above the file's size it can only stay so or become 0.
  const size = shape.reduce((product, length) => product * length, reader.bytes);
  if (size !== end - begin) {
    throw invalid(`"${name}" of shape [${shape.join(', ')}] needs ${size} bytes and has ${end - begin}`);
  }
  return { name, reader, shape, begin, end };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((one) => Number.isSafeInteger(one) && one >= 0);
}

function invalid(found: string): InputError {
  return new InputError('safetensors-invalid', {
    asked: 'Read a safetensors file',
    found,
    todo: 'Use a complete file in the safetensors format',
  });
}
