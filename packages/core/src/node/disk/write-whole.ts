/**
 * The one way in which a file is written that others will read: into a new file aside, synced, which then takes the
 * name, and the folder is synced. A kill, a power cut or a full disk leaves the old text or the new one, never half of
 * one. What had the name before is not touched: neither what a link leads to, nor another name of the same file.
 */
import { lstat, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError, LigatureError } from '../../errors.js';
import { diskTrouble } from './disk-trouble.js';
import { isSystemError, nodeFileSystem, type FileSystem } from './file-system.js';
import { PARTIAL } from './whole-folder.js';

/**
 * Writes a file and the folders that it lies in. Several processes may write the same one at once, as trials side by
 * side do that learn one tokenizer: each has a file aside of its own, and the last one stays.
 *
 * @throws InputError (`out-unwritable`); what was there before is intact
 */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const place = resolve(path);
  try {
    await nodeFileSystem.makeFolder(dirname(place));
    await replaceFile(nodeFileSystem, place, content);
    // The file is safe: what cannot be cleared away now, is by the next writer.
    await clearOldAsides(place).catch(() => undefined);
  } catch (cause) {
    throw unwritableOut(dirname(path), cause);
  }
}

/** The same for JSON, with a final line end. */
export const writeJson = (path: string, value: unknown): Promise<void> =>
  writeWhole(path, `${JSON.stringify(value, null, 2)}\n`);

/** @throws InputError (`out-unwritable`) when a folder cannot be made, with its parents */
export async function makeFolders(folder: string): Promise<void> {
  try {
    await nodeFileSystem.makeFolder(folder);
  } catch (cause) {
    throw unwritableOut(folder, cause);
  }
}

/** The error of output that cannot be written. */
export function unwritableOut(folder: string, cause: unknown, doing = 'Write into'): LigatureError {
  if (cause instanceof LigatureError) return cause;
  const asked = `${doing} "${folder}"`;
  return new InputError('out-unwritable', { asked, ...diskTrouble(cause, folder, 'with --out') }, { cause });
}

/** Somebody who had locked the folder may have cleared the file aside away in between. */
const ATTEMPTS = 3;

/** @throws SystemError; what was at `path` before is there still */
export async function replaceFile(fs: FileSystem, path: string, content: string | Uint8Array): Promise<void> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  for (let attempt = 1; ; attempt += 1) {
    const aside = await writeAside(fs, path, bytes);
    try {
      await fs.rename(aside, path);
      break;
    } catch (error) {
      await fs.remove(aside).catch(() => undefined);
      if (!hasCode(error, 'ENOENT') || attempt === ATTEMPTS) throw error;
    }
  }
  await fs.syncFolder(dirname(path));
}

/** @returns the path of a file that no other writer has, also not one in another container with the same process id */
async function writeAside(fs: FileSystem, path: string, bytes: Uint8Array): Promise<string> {
  for (let attempt = 0; ; attempt += 1) {
    const aside = `${path}.${process.pid}-${attempt}${PARTIAL}`;
    try {
      await fs.write(aside, bytes);
      return aside;
    } catch (error) {
      if (hasCode(error, 'EEXIST')) continue;
      // A disk that filled up on the way leaves the beginning.
      await fs.remove(aside).catch(() => undefined);
      throw error;
    }
  }
}

const hasCode = (error: unknown, code: string): boolean => isSystemError(error) && error.code === code;

/** The end of the name of a file aside, as now or in earlier versions. */
const ASIDE = /\.\d+-\d+\.part(ial)?$/;
/** Older than this, a file aside belongs to a process that was killed. */
const LEFTOVER_MS = 3_600_000;

/** Removes what killed writers of this file left long ago, by the file system's own clock. */
export async function clearOldAsides(path: string): Promise<void> {
  const { mtimeMs: now } = await lstat(path);
  for (const other of await asidesIn(dirname(path))) {
    if (!basename(other).startsWith(`${basename(path)}.`)) continue;
    const found = await lstat(other).catch(() => undefined);
    if (found && now - found.mtimeMs > LEFTOVER_MS) await rm(other, { force: true });
  }
}

/** Removes what killed writers left in a folder. For whoever has locked it: nobody else writes there. */
export async function clearAsides(folder: string): Promise<void> {
  for (const aside of await asidesIn(folder)) await rm(aside, { force: true });
}

const asidesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => ASIDE.test(name)).map((name) => join(folder, name));
