/**
 * The few things that a durable writer asks of a file system, so that tests can let each of them fail. Files are read
 * as things from outside: they must be plain files, and no larger than was agreed.
 */
import { lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { readPlainFile } from '../plain-file.js';

export interface FileSystem {
  /** Makes a folder with its parents, durably; one that is there already is no error. */
  makeFolder(path: string): Promise<void>;
  /** Writes a new file, whose name nothing may have yet; resolves when its bytes are on the disk. */
  write(path: string, bytes: Uint8Array): Promise<void>;
  /** @throws SystemError, or an Error when it is no plain file or has more than `limit` bytes */
  read(path: string, limit: number): Promise<Uint8Array>;
  /** Names in a folder, those of folders with a final slash; none when it is not there. */
  list(path: string): Promise<readonly string[]>;
  /** A file replaces a file; a folder must not be there yet. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file or a folder with all in it; nothing there is no error. */
  remove(path: string): Promise<void>;
  /** Makes what happened to a folder's entries durable. */
  syncFolder(path: string): Promise<void>;
}

export const nodeFileSystem: FileSystem = {
  async makeFolder(path) {
    // Level by level: Node's recursive mkdir never returns where a file system answers ENOENT, as /proc does.
    const missing: string[] = [];
    for (let one = resolve(path); !(await exists(one)); one = dirname(one)) missing.unshift(one);
    for (const one of missing) {
      await mkdir(one).catch(ignore('EEXIST'));
      await syncFolder(dirname(one));
    }
  },
  async write(path, bytes) {
    // Not through a link that lies in wait there, nor into a file that has a second name elsewhere.
    const file = await open(path, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  },
  read: (path, limit) => readPlainFile(path, { most: limit, links: 'refuse' }),
  async list(path) {
    const entries = await readdir(path, { withFileTypes: true }).catch(ignore('ENOENT'));
    return (entries ?? []).map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name));
  },
  rename,
  remove: (path) => rm(path, { recursive: true, force: true }),
  syncFolder,
};

export async function syncFolder(path: string): Promise<void> {
  // Some systems cannot open or sync a folder (Windows); their renames are atomic all the same.
  const folder = await open(path, 'r').catch(ignore('EISDIR', 'EPERM', 'EACCES', 'EINVAL'));
  try {
    await folder?.sync().catch(ignore('EPERM', 'EINVAL', 'ENOTSUP', 'EBADF', 'EISDIR'));
  } finally {
    await folder?.close();
  }
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(ignore('ENOENT'))) !== undefined;
}

function ignore(...codes: string[]): (error: unknown) => undefined {
  return (error) => {
    if (!isSystemError(error) || !codes.includes(error.code ?? '')) throw error;
  };
}

export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === 'string';
}
