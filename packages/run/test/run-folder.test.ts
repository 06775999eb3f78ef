import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { InputError } from '@ligature/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRunFolder, writeWhole } from '../src/index.js';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'ligature-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** A process that writes the file 200 times over; it fails when a write does, or when it ever reads a mixture. */
async function writer(path: string, letter: string): Promise<void> {
  const module = JSON.stringify(new URL('../src/run-folder.ts', import.meta.url).href);
  const program = `
    import { readFileSync } from 'node:fs';
    const { writeWhole } = await import(${module});
    for (let i = 0; i < 200; i += 1) {
      writeWhole(${JSON.stringify(path)}, ${JSON.stringify(letter)}.repeat(200_000));
      const text = readFileSync(${JSON.stringify(path)}, 'utf8');
      if (text !== text[0].repeat(200_000)) throw new Error('a mixture');
    }`;
  const node = ['--conditions=@ligature/source', '--import', 'tsx', '--input-type=module', '-e', program];
  await promisify(execFile)(process.execPath, node);
}

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

  it('writes one file from several processes at once, and leaves nothing aside', async () => {
    const path = join(folder, 'tokenizer.json');
    await Promise.all(['a', 'b'].map((letter) => writer(path, letter)));
    expect(readFileSync(path, 'utf8')).toMatch(/^(a{200000}|b{200000})$/);
    expect(readdirSync(folder)).toEqual(['tokenizer.json']);
  }, 30_000);

  it('takes another name aside where one is taken, and removes what a killed process left long ago', () => {
    const path = join(folder, 'file.json');
    const taken = `${path}.${process.pid}-0.part`;
    const left = [`${path}.part`, `${path}.1-0.part`];
    for (const name of [taken, ...left, `${path}.other`]) writeFileSync(name, 'half');
    for (const name of [...left, `${path}.other`]) utimesSync(name, 0, 0);
    writeWhole(path, 'whole');
    expect(readFileSync(path, 'utf8')).toBe('whole');
    // Written a moment ago: it may be another's, at work.
    expect(readFileSync(taken, 'utf8')).toBe('half');
    expect(readdirSync(folder).sort()).toEqual(['file.json', basename(taken), 'file.json.other'].sort());
  });
});
