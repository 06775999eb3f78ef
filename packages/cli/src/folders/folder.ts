/** The folder of a run or a comparison: where it goes, what it is called, how it is shown. */
import { existsSync, rmdirSync } from 'node:fs';
import { basename, isAbsolute, relative, resolve } from 'node:path';
import { dataLabel, InputError, visibleLine, type RunConfig } from '@ligature/core';
import { createRunFolder } from '@ligature/run';
import type { Io } from '../io.js';

/** Makes the folder, unique. @throws InputError (`name-invalid`, `out-unwritable`) */
export async function makeFolder(config: RunConfig, name: string, { cwd }: Pick<Io, 'cwd'>): Promise<string> {
  if (!/^[A-Za-z0-9_][A-Za-z0-9._=-]*$/.test(name)) {
    throw new InputError('name-invalid', {
      asked: `Call the run "${name}"`,
      found: 'it is no plain folder name',
      todo: 'Use letters, digits, ".", "_", "=" and "-"; --out chooses where it goes',
    });
  }
  return createRunFolder(cwd === process.cwd() ? config.out : resolve(cwd, config.out), name);
}

/** `moby-dick` or, for a path, its last part without the ending; the task where that makes its own data. */
export function datasetLabel(config: RunConfig): string {
  const last = basename(dataLabel(config)).replace(/\.[A-Za-z0-9]+$/, '');
  return last.replace(/[^A-Za-z0-9.-]+/g, '-').replace(/^[.-]+|-+$/g, '') || 'text';
}

/** The path of an existing run. @throws InputError (`run-unreadable`) */
export function findRun(run: string, { cwd }: Pick<Io, 'cwd'>): string {
  const path = cwd === process.cwd() ? run : resolve(cwd, run);
  if (existsSync(path)) return path;
  throw new InputError('run-unreadable', {
    asked: `Open the run "${run}"`,
    found: 'there is no folder of that name',
    todo: 'Give the folder that `ligature train` printed, such as runs/moby-dick-q-learning-seed-1',
  });
}

/** Nothing was written: leaves no empty folder behind. */
export function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It holds something, or is gone already: both are fine.
  }
}

/** Relative to the working folder where that is shorter. */
export function shown(path: string, { cwd }: Pick<Io, 'cwd'>): string {
  const near = relative(cwd, resolve(cwd, path));
  return visibleLine(near === '' || near.startsWith('..') || isAbsolute(near) ? path : near);
}
