/**
 * Writes the safetensors format (github.com/huggingface/safetensors): 8 bytes header length, JSON header padded
 * with spaces to 8 bytes, then the tensors without gaps, little-endian. Equal input gives equal bytes: tensors are
 * written widest type first, which keeps all of them aligned, and by name.
 */
import { ContractError } from '@ligature/core';
import type { SafetensorsFile, StoredArray, StoredType } from './types.js';

const ALIGNMENT = 8;

function storedType(data: StoredArray): StoredType {
  if (data instanceof Float32Array) return 'F32';
  if (data instanceof Float64Array) return 'F64';
  if (data instanceof Int32Array) return 'I32';
  if (data instanceof Uint32Array) return 'U32';
  return data instanceof Int8Array ? 'I8' : 'U8';
}

const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** @throws ContractError (`safetensors-unwritable`) when a shape and its data disagree, or for the name `__metadata__` */
export function encodeSafetensors(file: SafetensorsFile): Uint8Array {
  const entries = [...file.tensors].sort(
    ([nameA, a], [nameB, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT || byName(nameA, nameB),
  );
  const header: [string, unknown][] = [];
  const metadata = Object.entries(file.metadata).sort(([a], [b]) => byName(a, b));
  if (metadata.length > 0) header.push(['__metadata__', Object.fromEntries(metadata)]);
  let size = 0;
  for (const [name, { shape, data }] of entries) {
    const length = shape.reduce((product, extent) => product * extent, 1);
    if (name === '__metadata__' || length !== data.length) {
      throw new ContractError('safetensors-unwritable', {
        asked: `Write the tensor "${name}" of shape [${shape.join(', ')}]`,
        found: name === '__metadata__' ? 'the name is reserved' : `it has ${data.length} elements`,
        todo: 'Give it another name, or data that fills its shape',
      });
    }
    header.push([name, { dtype: storedType(data), shape, data_offsets: [size, size + data.byteLength] }]);
    size += data.byteLength;
  }
  // Object.fromEntries makes own properties of any name, `__proto__` included.
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const headerLength = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(8 + headerLength + size);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.fill(0x20, 8, 8 + headerLength);
  bytes.set(json, 8);
  let offset = 8 + headerLength;
  for (const [, { data }] of entries) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return bytes;
}
