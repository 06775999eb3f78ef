/**
 * A file that only grows while a run goes on, and is cut back when the run goes back to a checkpoint. It belongs to its
 * folder alone: one that has a second name elsewhere is copied first, and pipes and devices are refused.
 */
import { fstatSync, fsyncSync, ftruncateSync } from 'node:fs';
import { copyFile, constants, lstat, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { openPlainFile } from '../plain-file.js';
import { syncFolder } from './file-system.js';
import { PARTIAL } from './whole-folder.js';

export class AppendFile {
  readonly #file: FileHandle;
  #closed = false;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** A new file, durably. @throws SystemError, also when there is one already */
  static async create(path: string): Promise<AppendFile> {
    const file = new AppendFile(await open(path, 'ax'));
    await syncFolder(dirname(path));
    return file;
  }

  /** The file of that name, or a new one. @throws SystemError, or an Error when it is no plain file */
  static async open(path: string): Promise<AppendFile> {
    if (!(await exists(path))) return AppendFile.create(path);
    await makeOwn(path);
    return new AppendFile(await openPlainFile(path, constants.O_WRONLY | constants.O_APPEND));
  }

  get bytes(): number {
    return fstatSync(this.#file.fd).size;
  }

  /** Adds all of it, or, where the disk is full, nothing: what comes after must not stand behind half of it. */
  async append(data: Uint8Array | string): Promise<void> {
    const before = this.bytes;
    try {
      await this.#file.appendFile(data);
    } catch (error) {
      await this.#file.truncate(before).catch(() => undefined);
      throw error;
    }
  }

  /** Puts everything on the disk, so that a checkpoint may refer to it. At once, for snapshots are. */
  sync(): void {
    fsyncSync(this.#file.fd);
  }

  /** @param bytes no more than there are */
  cutBack(bytes: number): void {
    ftruncateSync(this.#file.fd, bytes);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#file.close();
  }
}

const exists = async (path: string): Promise<boolean> =>
  (await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  })) !== undefined;

/** Puts a copy in the place of a file that has other names too: a backup made of hard links, or a trap. */
async function makeOwn(path: string): Promise<void> {
  const found = await lstat(path);
  if (found.isSymbolicLink()) return;
  if (!found.isFile()) throw new Error(`${path} is no plain file`);
  if (found.nlink === 1) return;
  const aside = `${path}.${process.pid}-0${PARTIAL}`;
  await rm(aside, { force: true });
  try {
    await copyFile(path, aside, constants.COPYFILE_EXCL);
    const copy = await open(aside, 'r+');
    await copy.sync().finally(() => copy.close());
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}
