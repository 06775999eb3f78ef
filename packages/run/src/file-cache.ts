/** A cache in a folder: a reader never sees half of an entry, and a cache that cannot be written is none. */
import { join } from 'node:path';
import type { ByteCache } from '@ligature/core';
import { readPlainFile, writeWhole } from '@ligature/core/node';
import { longFileCache } from './long-file-cache.js';

/** @param folder made where something is first kept; several processes may use it at once */
export function fileCache(folder: string): ByteCache {
  return {
    read: (name) => readPlainFile(join(folder, name)).catch(() => undefined),
    write: (name, bytes) =>
      writeWhole(join(folder, name), bytes).then(
        () => true,
        () => false,
      ),
    files: longFileCache(folder),
  };
}
