import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { openPlainFile } from '@ligature/core/node';
import type { HubFile } from './listing.js';

/** Of git's blobs the size stands before the bytes. */
export function beginChecksum({ checksum, size }: HubFile): Hash {
  if (checksum.algorithm === 'sha256') return createHash('sha256');
  return createHash('sha1').update(`blob ${size}\0`);
}

/** @returns how many bytes there are, and the checksum so far */
export async function checksumOf(path: string, file: HubFile): Promise<{ hash: Hash; size: number }> {
  const hash = beginChecksum(file);
  let size = 0;
  // The stream closes the file.
  const plain = await openPlainFile(path, constants.O_RDONLY);
  for await (const chunk of plain.createReadStream()) {
    hash.update(chunk as Buffer);
    size += (chunk as Buffer).length;
  }
  return { hash, size };
}
