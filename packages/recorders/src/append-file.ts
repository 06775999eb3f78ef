/** A file that only grows while a run goes on, and is cut back when the run goes back to a checkpoint. */
import { fstatSync, fsyncSync, ftruncateSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { InputError } from '@ligature/core';

export class AppendFile {
  readonly #path: string;
  readonly #file: FileHandle;
  #closed = false;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /**
   * Opens a file for appending; one that is new begins with `opening`.
   *
   * @throws InputError (`recorder-unwritable`)
   */
  static async open(path: string, opening: Uint8Array | string): Promise<AppendFile> {
    try {
      const file = new AppendFile(path, await open(path, 'a'));
      if (file.#bytes() === 0) await file.append(opening);
      return file;
    } catch (cause) {
      throw unwritable(path, cause);
    }
  }

  /** @throws InputError (`recorder-unwritable`) */
  async append(data: Uint8Array | string): Promise<void> {
    try {
      await this.#file.appendFile(data);
    } catch (cause) {
      throw unwritable(this.#path, cause);
    }
  }

  /** Puts everything on the disk, so that a checkpoint may refer to it. @returns the length in bytes */
  synced(): number {
    fsyncSync(this.#file.fd);
    return this.#bytes();
  }

  /** @throws InputError (`recorder-file-short`) when there are fewer bytes than that */
  cutBack(bytes: number): void {
    const found = this.#bytes();
    if (found < bytes) {
      throw new InputError('recorder-file-short', {
        asked: `Go on with ${this.#path}`,
        found: `the checkpoint was taken at byte ${bytes}, the file has ${found}`,
        todo: 'Put the whole file back, or train again: a file with a gap would pass for a whole one',
      });
    }
    ftruncateSync(this.#file.fd, bytes);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#file.close();
  }

  #bytes(): number {
    return fstatSync(this.#file.fd).size;
  }
}

function unwritable(path: string, cause: unknown): InputError {
  if (cause instanceof InputError) return cause;
  return new InputError(
    'recorder-unwritable',
    {
      asked: `Record into ${path}`,
      found: `it cannot be written (${cause instanceof Error ? cause.message : String(cause)})`,
      todo: 'Mend the permissions or the space of the folder, or leave the recorder out',
    },
    { cause },
  );
}
