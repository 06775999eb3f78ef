/**
 * Files of a cache that are read by position. Behind what was appended stand the 32 bytes of its SHA-256: a file that does not
 * end in its own digest is damaged, and as good as none.
 */
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, readSync, type Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { ContractError, type CachedFile, type CachedFileWriter, type FileCache } from '@ligature/core';
import { GrowingFile, openPlainFile, openPlainFileSync } from '@ligature/core/node';

const DIGEST_BYTES = 32;
const BLOCK = 1 << 20;

export function longFileCache(folder: string): FileCache {
  const open = (name: string): Promise<CachedFile | undefined> => openWhole(join(folder, name));
  return {
    open,
    async create(name): Promise<CachedFileWriter> {
      const file = await GrowingFile.begin(join(folder, name));
      const hash = createHash('sha256');
      return {
        async append(bytes) {
          hash.update(bytes);
          await file.append(bytes);
        },
        async keep() {
          await file.append(hash.digest());
          await file.keep();
          const kept = await open(name);
          if (kept) return kept;
          throw new ContractError('cache-damaged', {
            asked: `Read "${name}" in the cache "${folder}"`,
            found: 'it is not what was just written there',
            todo: 'Check the disk, or choose another cache folder (LIGATURE_CACHE)',
          });
        },
        discard: () => file.discard(),
      };
    },
  };
}

/** Reads all of it once, for its digest. */
async function openWhole(path: string): Promise<CachedFile | undefined> {
  const file = await openPlainFile(path, constants.O_RDONLY).catch(() => undefined);
  if (!file) return undefined;
  try {
    return (await endsInDigest(file)) ? byPosition(path, await file.stat()) : undefined;
  } catch {
    return undefined;
  } finally {
    await file.close();
  }
}

async function endsInDigest(file: FileHandle): Promise<boolean> {
  const length = (await file.stat()).size - DIGEST_BYTES;
  if (length < 0) return false;
  const hash = createHash('sha256');
  const block = Buffer.allocUnsafe(BLOCK);
  for (let at = 0; at < length;) {
    const { bytesRead } = await file.read(block, 0, Math.min(BLOCK, length - at), at);
    if (bytesRead === 0) return false;
    hash.update(block.subarray(0, bytesRead));
    at += bytesRead;
  }
  const digest = Buffer.alloc(DIGEST_BYTES);
  await file.read(digest, 0, DIGEST_BYTES, length);
  return hash.digest().equals(digest);
}

/** Closes a file that nobody can read any more: what reads by position has no end of its own. */
const unused = new FinalizationRegistry<number>(closeSync);

/**
 * The file stays open, so that it is there also when its name is gone.
 *
 * @param checked what is known of the file whose digest was right
 * @returns nothing where another one has the name by now
 */
function byPosition(path: string, checked: Stats): CachedFile | undefined {
  const descriptor = openPlainFileSync(path);
  const { dev, ino, size, mtimeMs } = fstatSync(descriptor);
  const same = dev === checked.dev && ino === checked.ino && size === checked.size;
  if (!same || mtimeMs !== checked.mtimeMs) {
    closeSync(descriptor);
    return undefined;
  }
  const length = size - DIGEST_BYTES;
  const file: CachedFile = {
    length,
    read(target, position) {
      let filled = 0;
      while (filled < target.length && position + filled < length) {
        const wanted = Math.min(target.length - filled, length - position - filled);
        const read = readSync(descriptor, target, filled, wanted, position + filled);
        if (read === 0) break;
        filled += read;
      }
      if (filled === target.length) return;
      throw new ContractError('cache-read-beyond', {
        asked: `Read ${target.length} bytes from byte ${position} of "${path}"`,
        found: `it has ${length}, of which ${filled} of these could be read`,
        todo: 'Ask for what is there; where the file was cut meanwhile, start again',
      });
    },
  };
  unused.register(file, descriptor);
  return file;
}
