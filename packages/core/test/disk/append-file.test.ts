import { execFileSync } from 'node:child_process';
import { linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppendFile } from '../../src/node/index.js';
import { mounted } from '../support/disks.js';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'ligature-append-'))));
afterEach(() => rmSync(folder, { recursive: true }));

describe('a file that grows', () => {
  it('grows, is cut back, and goes on', async () => {
    const path = join(folder, 'events.jsonl');
    const first = await AppendFile.create(path);
    await first.append('one\ntwo\n');
    first.sync();
    await first.close();
    await first.close();
    await expect(AppendFile.create(path)).rejects.toMatchObject({ code: 'EEXIST' });
    const again = await AppendFile.open(path);
    expect(again.bytes).toBe(8);
    again.cutBack(4);
    await again.append(Buffer.from('three\n'));
    expect(again.bytes).toBe(10);
    await again.close();
    expect(readFileSync(path, 'utf8')).toBe('one\nthree\n');
  });

  it('leaves alone a second name of the file, and is a copy from then on', async () => {
    const path = join(folder, 'metrics.csv');
    const backup = join(folder, 'backup.csv');
    writeFileSync(backup, 'step,loss\n');
    linkSync(backup, path);
    const file = await AppendFile.open(path);
    await file.append('1,2\n');
    file.cutBack(12);
    await file.close();
    expect(readFileSync(path, 'utf8')).toBe('step,loss\n1,');
    expect(readFileSync(backup, 'utf8')).toBe('step,loss\n');
    expect(readdirSync(folder).sort()).toEqual(['backup.csv', 'metrics.csv']);
  });

  it('is no pipe: nobody waits for one', async () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    await expect(AppendFile.open(path)).rejects.toThrow(/no plain file/);
  });

  it('on a full disk adds all or nothing, and goes on when there is room', async (context) => {
    const disk = mounted('64k');
    if (disk === undefined) return context.skip('no permission to mount a tmpfs');
    const path = join(disk, 'events.jsonl');
    const file = await AppendFile.create(path);
    await file.append('whole\n');
    await expect(file.append('x'.repeat(100_000))).rejects.toMatchObject({ code: 'ENOSPC' });
    await file.append('the next\n');
    await file.close();
    expect(readFileSync(path, 'utf8')).toBe('whole\nthe next\n');
  });
});
