import { execFile } from 'node:child_process';
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '../../src/index.js';
import { clearAsides, diskTrouble, replaceFile, writeJson, writeWhole } from '../../src/node/index.js';
import { failing, MemoryDisk, mounted } from '../support/disks.js';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'ligature-write-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** A process that writes the file 100 times over; it fails when a write does, or when it ever reads a mixture. */
async function writer(path: string, letter: string): Promise<void> {
  const module = JSON.stringify(new URL('../../src/node/index.ts', import.meta.url).href);
  const program = `
    import { readFileSync } from 'node:fs';
    const { writeWhole } = await import(${module});
    for (let i = 0; i < 100; i += 1) {
      await writeWhole(${JSON.stringify(path)}, ${JSON.stringify(letter)}.repeat(200_000));
      const text = readFileSync(${JSON.stringify(path)}, 'utf8');
      if (text !== text[0].repeat(200_000)) throw new Error('a mixture');
    }`;
  const node = ['--conditions=@ligature/source', '--import', 'tsx', '--input-type=module', '-e', program];
  await promisify(execFile)(process.execPath, node);
}

describe('a file that is written whole', () => {
  it('is there whole or not at all, with its folders, and nothing stays aside', async () => {
    const path = join(folder, 'sub', 'file.json');
    await writeWhole(path, 'one');
    await writeJson(path, { two: 2 });
    expect(readFileSync(path, 'utf8')).toBe('{\n  "two": 2\n}\n');
    expect(readdirSync(join(folder, 'sub'))).toEqual(['file.json']);
    // The target is a folder, so the rename fails after the text was written aside.
    await expect(writeWhole(join(folder, 'sub'), 'x')).rejects.toThrow(InputError);
    expect(readdirSync(folder)).toEqual(['sub']);
  });

  it('is the old one or the new one after any operation failed, and after a power cut at any of them', async () => {
    const path = '/runs/report.html';
    const fresh = async (): Promise<MemoryDisk> => {
      const disk = new MemoryDisk();
      await disk.makeFolder('/runs');
      await replaceFile(disk.asPort(), path, 'old text');
      return disk;
    };
    const whole = failing((await fresh()).asPort(), Infinity, false);
    await replaceFile(whole, path, 'new text');
    expect(whole.count).toBeGreaterThanOrEqual(3);
    for (let at = 1; at <= whole.count; at += 1) {
      const living = await fresh();
      await expect(replaceFile(failing(living.asPort(), at, false), path, 'new text')).rejects.toThrow();
      expect(['old text', 'new text']).toContain(String(Buffer.from(await living.read(path))));
      expect(await living.list('/runs')).toEqual(['report.html']);

      for (const survives of [() => 0, (pending: number) => pending, (pending: number) => pending >> 1]) {
        const disk = await fresh();
        await replaceFile(failing(disk.asPort(), at, true), path, 'new text').catch(() => undefined);
        disk.powerCut(survives);
        expect(['old text', 'new text']).toContain(String(Buffer.from(await disk.read(path))));
        // What it left aside is in nobody's way.
        await replaceFile(disk.asPort(), path, 'newest');
        expect(String(Buffer.from(await disk.read(path)))).toBe('newest');
      }
    }
    const cut = await fresh();
    await replaceFile(cut.asPort(), path, 'new text');
    cut.powerCut(() => 0);
    expect(String(Buffer.from(await cut.read(path)))).toBe('new text');
  });

  it('leaves alone what had its name before: the end of a link, another name of the file', async () => {
    const outside = join(folder, 'precious.txt');
    writeFileSync(outside, 'precious');
    for (const [name, tie] of [
      ['hard.html', linkSync],
      ['soft.html', symlinkSync],
    ] as const) {
      const path = join(folder, 'run', name);
      mkdirSync(join(folder, 'run'), { recursive: true });
      tie(outside, path);
      // A trap where the file aside would lie.
      symlinkSync(outside, `${path}.${process.pid}-0.partial`);
      await writeWhole(path, 'report');
      expect(readFileSync(path, 'utf8')).toBe('report');
      expect(readFileSync(outside, 'utf8')).toBe('precious');
    }
  });

  it('may be written by several processes at once, which leave nothing aside', async () => {
    const path = join(folder, 'tokenizer.json');
    await Promise.all(['a', 'b'].map((letter) => writer(path, letter)));
    expect(readFileSync(path, 'utf8')).toMatch(/^(a{200000}|b{200000})$/);
    expect(readdirSync(folder)).toEqual(['tokenizer.json']);
  }, 120_000);

  it('takes another name aside where one is taken, and removes what a killed process left long ago', async () => {
    const path = join(folder, 'file.json');
    const taken = `${path}.${process.pid}-0.partial`;
    const left = [`${path}.7-0.part`, `${path}.1-0.partial`];
    const others = [`${path}.other`, `${path}.part`];
    for (const name of [taken, ...left, ...others]) writeFileSync(name, 'half');
    for (const name of [...left, ...others]) utimesSync(name, 0, 0);
    await writeWhole(path, 'whole');
    expect(readFileSync(path, 'utf8')).toBe('whole');
    // Written a moment ago: it may be another's, at work.
    expect(readFileSync(taken, 'utf8')).toBe('half');
    const stays = ['file.json', ...[taken, ...others].map((name) => basename(name))];
    expect(readdirSync(folder).sort()).toEqual(stays.sort());
    // Whoever has locked the folder knows that there is no other.
    await clearAsides(folder);
    expect(readdirSync(folder).sort()).toEqual(['file.json', 'file.json.other', 'file.json.part']);
  });
});

describe('a disk in trouble', () => {
  it('that is full says so, names itself, and keeps what was there', async (context) => {
    const disk = mounted('64k');
    if (disk === undefined) return context.skip('no permission to mount a tmpfs');
    const path = join(disk, 'runs', 'report.html');
    await writeWhole(path, 'the last good one');
    await expect(writeWhole(path, 'x'.repeat(100_000))).rejects.toMatchObject({
      name: 'InputError',
      code: 'out-unwritable',
      message: expect.stringMatching(
        /no space left on the disk that holds ".*runs".*Free some space/,
      ) as string,
    });
    expect(readFileSync(path, 'utf8')).toBe('the last good one');
    expect(readdirSync(join(disk, 'runs'))).toEqual(['report.html']);
    expect(statSync(path).size).toBe(17);
  });

  it.each([
    ['ENOSPC', /^no space left on the disk that holds "place".*Free some space there.*intact$/s],
    ['EDQUOT', /^your quota on the disk that holds "place" is used up.*quota/s],
    ['EFBIG', /larger than the disk or the limits.*ulimit -f/s],
    ['EROFS', /^the disk that holds "place" can only be read.*Mount it for writing/s],
    ['EIO', /^the disk that holds "place" failed.*Check the disk/s],
    ['ESTALE', /^the disk that holds "place" does not answer.*Connect or mount it again/s],
    ['EMFILE', /too many files open.*ulimit -n/s],
    ['EACCES', /^"place" cannot be written.*Choose another folder with --out, or mend its permissions/s],
  ])('%s is said in words of its own', (code, words) => {
    const error = Object.assign(new Error(`${code}: as the system has it`), { code, syscall: 'write' });
    const { found, todo } = diskTrouble(error, 'place', 'with --out');
    expect(`${found}. ${todo}`).toMatch(words);
    expect(found).toContain(code);
    if (code !== 'EACCES') expect(todo).not.toContain('permissions');
  });
});
