import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@ligature/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRunFolder, writeWhole } from '../src/index.js';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'ligature-'))));
afterEach(() => rmSync(folder, { recursive: true }));

describe('run folder', () => {
  it('never gives one folder to two runs', () => {
    const out = join(folder, 'runs');
    expect([1, 2, 3].map(() => createRunFolder(out, 'a'))).toEqual(
      ['a', 'a-2', 'a-3'].map((name) => join(out, name)),
    );
  });

  it('says which folder cannot be written, and what to do', () => {
    // A file where a folder should be: fails for every user, also for root.
    writeFileSync(join(folder, 'taken'), '');
    expect(() => createRunFolder(join(folder, 'taken'), 'a')).toThrow(InputError);
    expect(() => createRunFolder(join(folder, 'taken'), 'a')).toThrow(/taken".*--out/s);
  });

  // Node's recursive mkdir never returns here.
  it.runIf(existsSync('/proc/self'))('gives up on a file system without folders', () => {
    expect(() => createRunFolder('/proc/none/deep', 'a')).toThrow(InputError);
  });

  it('writes a file whole or not at all', () => {
    const path = join(folder, 'sub', 'file.json');
    writeWhole(path, 'one');
    writeWhole(path, 'two');
    expect(readFileSync(path, 'utf8')).toBe('two');
    expect(readdirSync(join(folder, 'sub'))).toEqual(['file.json']);
    // The target is a folder, so the rename fails after the text was written aside.
    expect(() => writeWhole(join(folder, 'sub'), 'x')).toThrow(InputError);
    expect(readdirSync(folder)).toEqual(['sub']);
  });
});
