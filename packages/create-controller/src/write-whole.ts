/** A folder that is there whole or not at all. */
// eslint-disable-next-line no-restricted-imports -- beside a person's own files, where no name but a random one is free
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Files } from './template.js';

/**
 * Writes the files into a folder beside the wanted one, which then takes its name.
 *
 * @param folder must not exist
 */
export function writeWhole(folder: string, files: Files): void {
  const aside = mkdtempSync(join(dirname(folder), `.${basename(folder)}-`));
  try {
    // A folder inside, because the temporary one itself is closed to others.
    const whole = join(aside, 'whole');
    for (const [path, text] of Object.entries(files)) {
      const file = join(whole, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    renameSync(whole, folder);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}
