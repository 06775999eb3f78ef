/** The file of a recorder, with errors that name it. */
import { InputError, LigatureError } from '@ligature/core';
import { AppendFile, diskTrouble } from '@ligature/core/node';

export class RecordedFile {
  private constructor(
    private readonly path: string,
    private readonly file: AppendFile,
  ) {}

  /**
   * Opens a file for appending; one that is new begins with `opening`.
   *
   * @throws InputError (`recorder-unwritable`)
   */
  static async open(path: string, opening: Uint8Array | string): Promise<RecordedFile> {
    try {
      const file = new RecordedFile(path, await AppendFile.open(path));
      if (file.file.bytes === 0) await file.append(opening);
      return file;
    } catch (cause) {
      throw unwritable(path, cause);
    }
  }

  /** @throws InputError (`recorder-unwritable`) */
  async append(data: Uint8Array | string): Promise<void> {
    try {
      await this.file.append(data);
    } catch (cause) {
      throw unwritable(this.path, cause);
    }
  }

  /**
   * Puts everything on the disk, so that a checkpoint may refer to it.
   *
   * @returns the length in bytes
   * @throws InputError (`recorder-unwritable`)
   */
  synced(): number {
    try {
      this.file.sync();
    } catch (cause) {
      throw unwritable(this.path, cause);
    }
    return this.file.bytes;
  }

  /** @throws InputError (`recorder-file-short`) when there are fewer bytes than that */
  cutBack(bytes: number): void {
    const found = this.file.bytes;
    if (found < bytes) {
      throw new InputError('recorder-file-short', {
        asked: `Go on with ${this.path}`,
        found: `the checkpoint was taken at byte ${bytes}, the file has ${found}`,
        todo: 'Put the whole file back, or train again: a file with a gap would pass for a whole one',
      });
    }
    this.file.cutBack(bytes);
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

function unwritable(path: string, cause: unknown): LigatureError {
  if (cause instanceof LigatureError) return cause;
  const { found, todo } = diskTrouble(cause, path);
  return new InputError(
    'recorder-unwritable',
    { asked: `Record into ${path}`, found, todo: `${todo}; or leave the recorder out` },
    { cause },
  );
}
