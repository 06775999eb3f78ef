/**
 * Folders of files that are there whole or not at all. Order of events: every file is written into `NAME.partial`
 * and synced, then that folder; an older `NAME` moves to `NAME.previous`; the new one takes its name; the parent is
 * synced; the old one goes. A crash in between leaves `NAME` or, in the one moment between the two renames, the
 * whole `NAME.previous`, which readers then take for `NAME` and the next writer moves back.
 */
import { dirname, join } from 'node:path';
import { InputError } from '../../errors.js';
import { diskTrouble } from './disk-trouble.js';
import { isSystemError } from './file-system.js';
import type { FileSystem } from './file-system.js';

export const PARTIAL = '.partial';
const PREVIOUS = '.previous';

/** @throws SystemError; what was at `place` before is there still */
export async function writeFolder(
  fs: FileSystem,
  place: string,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const aside = place + PARTIAL;
  const previous = place + PREVIOUS;
  try {
    await fs.makeFolder(dirname(place));
    await recover(fs, place);
    await fs.makeFolder(aside);
    // All at once, so that the disk syncs them together.
    const written = [...files].map(([name, bytes]) => fs.write(join(aside, name), bytes));
    await settleAll(written);
    await fs.syncFolder(aside);
    const exists = (await fs.list(dirname(place))).includes(entryOf(place));
    if (exists) await fs.rename(place, previous);
    try {
      await fs.rename(aside, place);
    } catch (error) {
      if (exists) await fs.rename(previous, place);
      throw error;
    }
    await fs.syncFolder(dirname(place));
  } catch (error) {
    await fs.remove(aside).catch(() => undefined);
    throw error;
  }
  // The new one is safe. What cannot be cleared away now is cleared away by the next writer.
  await fs.remove(previous).catch(() => undefined);
}

/** Where the folder of that name lies: at `place`, or where a crash left it. */
export async function resolveFolder(fs: FileSystem, place: string): Promise<string> {
  const entries = await fs.list(dirname(place));
  const moved = !entries.includes(entryOf(place)) && entries.includes(entryOf(place + PREVIOUS));
  return moved ? place + PREVIOUS : place;
}

/** Names of whole folders in `parent`, those counted that a crash left under another name. */
export async function wholeFolders(fs: FileSystem, parent: string): Promise<readonly string[]> {
  const folders = (await fs.list(parent))
    .filter((name) => name.endsWith('/'))
    .map((name) => name.slice(0, -1));
  const names = folders.filter((name) => !name.endsWith(PARTIAL));
  return [
    ...new Set(names.map((name) => (name.endsWith(PREVIOUS) ? name.slice(0, -PREVIOUS.length) : name))),
  ];
}

/** Clears away what crashes left of any folder or file in `parent`. */
export async function clearLeftovers(fs: FileSystem, parent: string): Promise<void> {
  for (const entry of await fs.list(parent)) {
    const name = entry.replace(/\/$/, '');
    if (name.endsWith(PARTIAL)) await fs.remove(join(parent, name));
    else if (name.endsWith(PREVIOUS)) await recover(fs, join(parent, name.slice(0, -PREVIOUS.length)));
  }
}

/** Ends what a crash interrupted: moves the old folder back, or removes it when the new one arrived. */
async function recover(fs: FileSystem, place: string): Promise<void> {
  await fs.remove(place + PARTIAL);
  const entries = await fs.list(dirname(place));
  if (!entries.includes(entryOf(place + PREVIOUS))) return;
  if (entries.includes(entryOf(place))) await fs.remove(place + PREVIOUS);
  else await fs.rename(place + PREVIOUS, place);
}

/** As `FileSystem.list` names a folder. */
const entryOf = (place: string): string => `${place.split(/[/\\]/).at(-1)}/`;

/** Waits for all, so that nothing is written any more when the first error is thrown. */
async function settleAll(promises: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(promises)).find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
}

/** The error of a folder that cannot be written, for errors of the system; any other error is given back. */
export function unwritable(folder: string, error: unknown): unknown {
  if (!isSystemError(error)) return error;
  const asked = `Save into the folder "${folder}"`;
  return new InputError('folder-unwritable', { asked, ...diskTrouble(error, folder) }, { cause: error });
}
