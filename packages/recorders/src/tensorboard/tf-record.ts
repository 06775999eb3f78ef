/**
 * One record of a TFRecord file, which event files are: length (uint64), its checksum (uint32), the data, their
 * checksum (uint32), all little-endian. Checksums are masked, because that of data with checksums in it would be weak.
 *
 * Source: tensorflow/core/lib/io/record_writer.h and tensorflow/core/lib/hash/crc32c.h of TensorFlow.
 */
import { crc32c } from './crc32c.js';

const MASK_DELTA = 0xa282ead8;

function maskedCrc32c(data: Uint8Array): number {
  const crc = crc32c(data);
  return (((crc >>> 15) | (crc << 17)) + MASK_DELTA) >>> 0;
}

export function tfRecord(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(8 + 4 + data.length + 4);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc32c(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc32c(data), true);
  return record;
}
