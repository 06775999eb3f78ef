/**
 * A file that is written from front to back and seen by nobody before it is whole: for what is too long to be held at once.
 * A kill leaves the old file or none, and one aside that the next writer of the same name clears away.
 */
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isSystemError, nodeFileSystem, syncFolder } from './file-system.js';
import { PARTIAL } from './whole-folder.js';
import { clearOldAsides, unwritableOut } from './write-whole.js';

export class GrowingFile {
  readonly #path: string;
  readonly #aside: string;
  readonly #file: FileHandle;
  #closed = false;

  private constructor(path: string, aside: string, file: FileHandle) {
    this.#path = path;
    this.#aside = aside;
    this.#file = file;
  }

  /** Makes the folders that it lies in. @throws InputError (`out-unwritable`) */
  static async begin(path: string): Promise<GrowingFile> {
    const place = resolve(path);
    try {
      await nodeFileSystem.makeFolder(dirname(place));
      for (let attempt = 0; ; attempt += 1) {
        const aside = `${place}.${process.pid}-${attempt}${PARTIAL}`;
        try {
          return new GrowingFile(place, aside, await open(aside, 'wx'));
        } catch (error) {
          if (!isSystemError(error) || error.code !== 'EEXIST') throw error;
        }
      }
    } catch (cause) {
      throw unwritableOut(dirname(place), cause);
    }
  }

  /** @throws InputError (`out-unwritable`), after which nothing is left behind */
  async append(bytes: Uint8Array): Promise<void> {
    await this.#orDiscard(() => this.#file.appendFile(bytes));
  }

  /** Gives it its name, durably, in place of what had it. @throws InputError (`out-unwritable`) */
  async keep(): Promise<void> {
    await this.#orDiscard(async () => {
      await this.#file.sync();
      await this.#close();
      await rename(this.#aside, this.#path);
      await syncFolder(dirname(this.#path));
    });
    // The file is safe: what cannot be cleared away now, is by the next writer.
    await clearOldAsides(this.#path).catch(() => undefined);
  }

  /** Leaves nothing behind. */
  async discard(): Promise<void> {
    await this.#close();
    await rm(this.#aside, { force: true });
  }

  async #orDiscard(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      await this.discard().catch(() => undefined);
      throw unwritableOut(dirname(this.#path), cause);
    }
  }

  async #close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#file.close();
  }
}
