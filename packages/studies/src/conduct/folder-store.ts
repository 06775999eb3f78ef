/** The trial store of this machine: a folder for each trial below that of the study. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { TrialStore } from '@ligature/core';
import { readPlainFile, writeWhole } from '@ligature/core/node';

export function folderStore(folder: string): TrialStore & { readonly place: (trial: string) => string } {
  const place = (trial: string): string => join(folder, trial);
  const pathOf = (trial: string, file: string): string => join(place(trial), ...file.split('/'));
  return {
    place,
    files(trial, below = '') {
      const root = pathOf(trial, below);
      if (!existsSync(root)) return Promise.resolve([]);
      const found = readdirSync(root, { recursive: true, withFileTypes: true });
      return Promise.resolve(
        found
          .filter((entry) => entry.isFile())
          .map((entry) => relative(place(trial), join(entry.parentPath, entry.name)).split(sep).join('/'))
          .sort(),
      );
    },
    read(trial, file) {
      const path = pathOf(trial, file);
      return existsSync(path) ? readPlainFile(path) : Promise.resolve(undefined);
    },
    write: (trial, file, content) => writeWhole(pathOf(trial, file), content),
    remove(trial, below = '') {
      rmSync(pathOf(trial, below), { recursive: true, force: true });
      return Promise.resolve();
    },
  };
}
