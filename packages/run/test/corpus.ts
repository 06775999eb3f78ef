import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder of a corpus that is too large to commit: `<folder>/<name>`, for LIGATURE_DATA or any folder `data` in a
 * sibling of the repository. Prints why when there is none.
 */
export function findCorpus(name: string): string | undefined {
  const outside = fileURLToPath(new URL('../../../../', import.meta.url));
  const given = process.env['LIGATURE_DATA'];
  const folders = readdirSync(outside).map((sibling) => join(outside, sibling, 'data'));
  const found = [...(given === undefined ? [] : [given]), ...folders]
    .map((folder) => join(folder, name))
    .find((folder) => existsSync(folder));
  if (found === undefined)
    console.log(`skipped: no corpus "${name}"; set LIGATURE_DATA to the folder that holds it`);
  return found;
}
