import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@ligature/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRunFolder } from '../src/index.js';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'ligature-'))));
afterEach(() => rmSync(folder, { recursive: true }));

describe('run folder', () => {
  it('never gives one folder to two runs', async () => {
    const out = join(folder, 'runs');
    const made = await Promise.all([1, 2, 3].map(() => createRunFolder(out, 'a')));
    expect(made.sort()).toEqual(['a', 'a-2', 'a-3'].map((name) => join(out, name)));
  });

  it('says which folder cannot be written, and what to do', async () => {
    // A file where a folder should be: fails for every user, also for root.
    writeFileSync(join(folder, 'taken'), '');
    const refused = createRunFolder(join(folder, 'taken'), 'a');
    await expect(refused).rejects.toThrow(InputError);
    await expect(refused).rejects.toThrow(/taken".*--out/s);
  });

  // Node's recursive mkdir never returns here.
  it.runIf(existsSync('/proc/self'))('gives up on a file system without folders', async () => {
    await expect(createRunFolder('/proc/none/deep', 'a')).rejects.toThrow(InputError);
  });
});
