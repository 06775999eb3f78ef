/** The two kinds of trial store that an executor meets: files on this machine, and objects behind a network. */
import { readdir, readFile, rm } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { TrialStore } from '@ligature/core';
import { writeWhole } from '@ligature/core/node';

/** Without a place on this machine: all that is left of a trial is what was written. */
export function storeElsewhere(): TrialStore {
  const kept = new Map<string, Uint8Array>();
  const keys = (trial: string, below = ''): string[] =>
    [...kept.keys()].filter(
      (key) => key.startsWith(`${trial}/`) && isBelow(key.slice(trial.length + 1), below),
    );
  return {
    files: (trial, below) =>
      Promise.resolve(
        keys(trial, below)
          .map((key) => key.slice(trial.length + 1))
          .sort(),
      ),
    read: (trial, file) => Promise.resolve(kept.get(`${trial}/${file}`)),
    write: (trial, file, content) =>
      Promise.resolve(void kept.set(`${trial}/${file}`, Uint8Array.from(content))),
    remove: (trial, below) => Promise.resolve(keys(trial, below).forEach((key) => kept.delete(key))),
  };
}

const isBelow = (file: string, part: string): boolean =>
  part === '' || file === part || file.startsWith(`${part}/`);

/** A folder for each trial. */
export function storeHere(folder: string): TrialStore {
  const place = (trial: string): string => join(folder, trial);
  const pathOf = (trial: string, file: string): string => join(place(trial), ...file.split('/'));
  const files: TrialStore['files'] = async (trial, below = '') => {
    const found = await readdir(place(trial), { recursive: true, withFileTypes: true }).catch(() => []);
    return found
      .filter((entry) => entry.isFile())
      .map((entry) => relative(place(trial), join(entry.parentPath, entry.name)).split(sep).join('/'))
      .filter((file) => isBelow(file, below))
      .sort();
  };
  return {
    place,
    files,
    read: (trial, file) => readFile(pathOf(trial, file)).catch(() => undefined),
    write: (trial, file, content) => writeWhole(pathOf(trial, file), content),
    remove: (trial, below = '') => rm(pathOf(trial, below), { recursive: true, force: true }),
  };
}
