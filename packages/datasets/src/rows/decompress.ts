/**
 * Decompressors of Parquet pages that make no more bytes than a page says it has. Node's own where it has one, since they
 * stop at a limit; hyparquet has Snappy itself, which writes into a buffer of that size.
 */
import * as zlib from 'node:zlib';
import type { Compressors } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { assertFrame } from './zstd-frame.js';

type Decompress = (input: Uint8Array, options: { maxOutputLength: number }) => Uint8Array;

const bounded =
  (decompress: Decompress) =>
  (input: Uint8Array, length: number): Uint8Array =>
    decompress(input, { maxOutputLength: Math.max(1, length) });

/** Node 22.15 and later. */
const { zstdDecompressSync } = zlib as { readonly zstdDecompressSync?: Decompress };

const { LZ4, LZ4_RAW, ZSTD } = compressors as Required<Compressors>;

/** Of Node before that. */
const unpackFrame = (input: Uint8Array, length: number): Uint8Array => {
  assertFrame(input, length);
  return ZSTD(input, length);
};

export const pageCompressors: Compressors = {
  ...{ LZ4, LZ4_RAW },
  GZIP: bounded(zlib.gunzipSync),
  BROTLI: bounded(zlib.brotliDecompressSync),
  ZSTD: zstdDecompressSync ? bounded(zstdDecompressSync) : unpackFrame,
};
