/** The folder of a run: `config.json manifest.json events.jsonl checkpoints/ result.json`. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { InputError } from '@ligature/core';

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Makes a folder and its parents, one level after the other. Node's own recursive `mkdir` never returns on a
 * file system that answers ENOENT where a folder cannot be made, such as /proc.
 *
 * @throws InputError (`out-unwritable`)
 */
export function makeFolders(folder: string): void {
  const missing: string[] = [];
  for (let path = resolve(folder); !existsSync(path); path = dirname(path)) missing.unshift(path);
  for (const path of missing) {
    try {
      mkdirSync(path);
    } catch (cause) {
      // Another process may have been faster.
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw unwritable(folder, cause);
    }
  }
}

/**
 * Makes a new folder `out/name`, or `out/name-2`, … when the name is taken: a run never writes into another's.
 *
 * @returns its path
 * @throws InputError (`out-unwritable`)
 */
export function createRunFolder(out: string, name: string): string {
  makeFolders(out);
  try {
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

/**
 * Refuses a run folder with links that lead out of it: a run folder may come from anywhere, and going on with it
 * writes to its names.
 *
 * @throws InputError (`run-link-outside`)
 */
export function assertNoLinksOut(folder: string): void {
  const root = existsSync(folder) ? realpathSync(folder) : folder;
  const visit = (place: string, levels: number): void => {
    const entries = existsSync(place) ? readdirSync(place, { withFileTypes: true }) : [];
    for (const entry of entries) {
      const path = join(place, entry.name);
      if (entry.isSymbolicLink() && !isInside(root, path)) {
        throw new InputError('run-link-outside', {
          asked: `Use the run "${folder}"`,
          found: `${relative(root, path)} is a link that leads out of it`,
          todo: 'Remove the link, or move the whole run folder to where it leads',
        });
      }
      if (entry.isDirectory() && levels > 0) visit(path, levels - 1);
    }
  };
  // The run's own files, checkpoints/, and the files of each checkpoint.
  visit(root, 2);
}

function isInside(root: string, link: string): boolean {
  try {
    const place = relative(root, realpathSync(link));
    return place !== '' && place !== '..' && !place.startsWith(`..${sep}`) && !isAbsolute(place);
  } catch {
    return false; // It leads nowhere yet: writing would make a file there.
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

/**
 * Writes a file aside and renames it: it is there whole, or not at all. Several processes may write the same one
 * at once, as trials side by side do that learn one tokenizer: each has a file aside of its own, and the last one stays.
 *
 * @throws InputError (`out-unwritable`)
 */
export function writeWhole(path: string, content: string | Uint8Array): void {
  makeFolders(dirname(path));
  let aside: string | undefined;
  try {
    aside = writeAside(path, content);
    removeLeftovers(path, aside);
    renameSync(aside, path);
  } catch (cause) {
    if (aside !== undefined) rmSync(aside, { force: true });
    throw unwritable(dirname(path), cause);
  }
}

/** @returns the path of a file that no other writer has, also not one in another container with the same process id */
function writeAside(path: string, content: string | Uint8Array): string {
  for (let attempt = 0; ; attempt += 1) {
    const aside = `${path}.${process.pid}-${attempt}.part`;
    try {
      writeFileSync(aside, content, { flag: 'wx' });
      return aside;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
      // A disk that filled up on the way leaves the beginning.
      rmSync(aside, { force: true });
      throw error;
    }
  }
}

/** Older than this by the file system's own clock, a file aside belongs to a process that was killed. */
const LEFTOVER_MS = 3_600_000;

function removeLeftovers(path: string, aside: string): void {
  const { mtimeMs } = statSync(aside);
  const start = `${basename(path)}.`;
  for (const name of readdirSync(dirname(path))) {
    if (!name.startsWith(start) || !/^(\d+-\d+\.)?part$/.test(name.slice(start.length))) continue;
    const other = join(dirname(path), name);
    const found = statSync(other, { throwIfNoEntry: false });
    if (found && mtimeMs - found.mtimeMs > LEFTOVER_MS) rmSync(other, { force: true });
  }
}

export function writeJson(path: string, value: unknown): void {
  writeWhole(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** The content of a JSON file; `undefined` when there is none, or it is damaged. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
