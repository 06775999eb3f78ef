import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Tokenizer } from '@ligature/core';

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

/** One id per character of a given alphabet, and a count of the calls to `encode`. */
export function letterTokenizer(
  alphabet: string,
  special: { bosId?: number; eosId?: number } = {},
): Tokenizer & { calls: number } {
  const letters = [...alphabet];
  return {
    name: 'letters',
    vocabularySize: letters.length + 2,
    ...special,
    calls: 0,
    encode(text) {
      this.calls += 1;
      return Int32Array.from([...text], (letter) => letters.indexOf(letter));
    },
    decode: (ids) => Array.from(ids, (id) => letters[id] ?? '').join(''),
    toJSON: () => ({ alphabet }),
  };
}

export const range = (length: number, first = 0): number[] => Array.from({ length }, (_, i) => first + i);

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
