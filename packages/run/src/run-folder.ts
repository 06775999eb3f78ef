/** The folder of a run: `config.json manifest.json events.jsonl checkpoints/ result.json`. */
import { existsSync, mkdirSync, readdirSync, realpathSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import { InputError } from '@ligature/core';
import { nodeFileSystem, readPlainFileSync, unwritableOut } from '@ligature/core/node';

/**
 * Makes a new folder `out/name`, or `out/name-2`, … when the name is taken: a run never writes into another's.
 *
 * @returns its path
 * @throws InputError (`out-unwritable`)
 */
export async function createRunFolder(out: string, name: string): Promise<string> {
  try {
    await nodeFileSystem.makeFolder(out);
    for (let attempt = 1; ; attempt += 1) {
      const folder = join(out, attempt === 1 ? name : `${name}-${attempt}`);
      try {
        // Not recursive: making it is also the test that nobody else did.
        mkdirSync(folder);
        await nodeFileSystem.syncFolder(out);
        return folder;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  } catch (cause) {
    throw unwritableOut(out, cause, 'Write runs into');
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

/** The content of a JSON file; `undefined` when there is none, or it is damaged. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readPlainFileSync(path).toString('utf8'));
  } catch {
    return undefined;
  }
}
