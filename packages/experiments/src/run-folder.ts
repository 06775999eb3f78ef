/** The folder of a run: `config.json manifest.json events.jsonl checkpoints/ result.json`. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InputError } from '@ligature/core';

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Makes a new folder `out/name`, or `out/name-2`, … when the name is taken: a run never writes into another's.
 *
 * @returns its path
 * @throws InputError (`out-unwritable`)
 */
export function createRunFolder(out: string, name: string): string {
  try {
    mkdirSync(out, { recursive: true });
    for (let attempt = 1; ; attempt += 1) {
      const folder = join(out, attempt === 1 ? name : `${name}-${attempt}`);
      try {
        // Not recursive: making it is also the test that nobody else did.
        mkdirSync(folder);
        return folder;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  } catch (cause) {
    throw unwritable(out, cause);
  }
}

export function unwritable(folder: string, cause: unknown): InputError {
  return new InputError(
    'out-unwritable',
    {
      asked: `Write runs into "${folder}"`,
      found: `it cannot be written (${reason(cause)})`,
      todo: 'Choose another folder with --out, or mend its permissions',
    },
    { cause },
  );
}

/** Writes a text file aside and renames it: it is there whole, or not at all. */
export function writeWhole(path: string, text: string): void {
  const aside = `${path}.part`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(aside, text);
    renameSync(aside, path);
  } catch (cause) {
    rmSync(aside, { force: true });
    throw unwritable(dirname(path), cause);
  }
}

export function writeJson(path: string, value: unknown): void {
  writeWhole(path, `${JSON.stringify(value, null, 2)}\n`);
}
