/** A cache in a folder: entries are written aside and renamed, so that a reader never sees half of one. */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ByteCache } from '@ligature/core';

export function fileCache(folder: string): ByteCache {
  return {
    read: (name) => readFile(join(folder, name)).catch(() => undefined),
    async write(name, bytes) {
      const aside = join(folder, `${name}.${randomUUID()}.aside`);
      try {
        await mkdir(dirname(aside), { recursive: true });
        await writeFile(aside, bytes);
        await rename(aside, join(folder, name));
        return true;
      } catch {
        await rm(aside, { force: true }).catch(() => undefined);
        return false;
      }
    },
  };
}
