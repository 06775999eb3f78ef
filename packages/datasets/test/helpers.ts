import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** A folder with the given files (path -> content) that is gone after the test. */
export function temporaryFolder(files: Record<string, string | Uint8Array> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'ligature-datasets-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/**
 * The folder of a corpus that is too large to commit: `<folder>/<name>`, for LIGATURE_DATA or any folder
 * `data` in a sibling of the repository. Prints why when there is none.
 */
export function findCorpus(name: string): string | undefined {
  const outside = fileURLToPath(new URL('../../../../', import.meta.url));
  const candidates = [
    process.env['LIGATURE_DATA'],
    ...readdirSync(outside).map((sibling) => join(outside, sibling, 'data')),
  ];
  const found = candidates
    .filter((folder) => folder !== undefined)
    .map((folder) => join(folder, name))
    .find((folder) => existsSync(folder));
  if (!found) console.log(`skipped: no corpus "${name}"; set LIGATURE_DATA to the folder that holds it`);
  return found;
}
