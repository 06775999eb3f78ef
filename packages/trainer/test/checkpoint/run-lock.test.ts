import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { acquireRunLock } from '../../src/node.js';
import { start, type Program } from './programs/run.js';
import { temporaryFolder } from './support.js';

const LOCK = 'run.lock';
const TOKEN = '00000000-0000-4000-8000-000000000000';

/** The number of a process that was, and is no more. */
const deadPid = (): number => spawnSync(process.execPath, ['--version']).pid;

function lockText(over: object = {}): string {
  return JSON.stringify({ pid: deadPid(), host: hostname(), started: null, token: TOKEN, ...over });
}

async function folderWith(text?: string): Promise<string> {
  const folder = await temporaryFolder();
  if (text !== undefined) await writeFile(join(folder, LOCK), text);
  return folder;
}

/** Starts a process that waits for a sign before it tries. */
async function contender(folder: string): Promise<Program> {
  const program = start('lock', [folder]);
  expect(await program.line()).toBe('ready');
  return program;
}

const go = ({ child }: Program): void => void child.stdin?.write('go\n');

describe('the lock on a run folder', () => {
  it('keeps others out and names its holder, until it is released', async () => {
    const folder = await folderWith();
    const lock = await acquireRunLock(folder);
    expect(lock.takenOver).toBeUndefined();
    await expect(acquireRunLock(folder)).rejects.toMatchObject({
      name: 'InputError',
      code: 'run-locked',
      message: expect.stringContaining(`process ${process.pid} on ${hostname()}`),
    });
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
    const again = await acquireRunLock(folder);
    // Released twice, the first lock must not take away the second.
    await lock.release();
    expect(await readdir(folder)).toEqual([LOCK]);
    await again.release();
  });

  it('is kept by another process as long as it lives, and taken over when it was killed', async () => {
    const folder = await folderWith();
    const other = await contender(folder);
    go(other);
    expect(await other.line()).toEqual({ locked: other.child.pid });
    await expect(acquireRunLock(folder)).rejects.toThrow(`process ${other.child.pid} on`);
    other.child.kill('SIGKILL');
    await other.ended;
    const lock = await acquireRunLock(folder);
    expect(lock.takenOver).toEqual({ pid: other.child.pid, host: hostname() });
    expect(await readdir(folder)).toEqual([LOCK]);
    await lock.release();
  });

  it('is taken over when the number of its process was given to another', async (context) => {
    if (!existsSync('/proc/self/stat')) return context.skip('no /proc');
    const folder = await folderWith(lockText({ pid: process.pid, started: 'another-boot 12' }));
    const lock = await acquireRunLock(folder);
    expect(lock.takenOver?.pid).toBe(process.pid);
    await lock.release();
  });

  it('is taken over when its process is dead but its parent has not noticed', async (context) => {
    if (!existsSync('/proc/self/stat')) return context.skip('no /proc');
    // The shell becomes a program that never asks after the child it inherits.
    const parent = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 60']);
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [chunk] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(chunk.toString());
    while (!/\) Z /.test(await readFile(`/proc/${pid}/stat`, 'utf8'))) await sleep(1);
    const folder = await folderWith(lockText({ pid }));
    const lock = await acquireRunLock(folder);
    expect(lock.takenOver?.pid).toBe(pid);
    await lock.release();
  });

  it('is respected in doubt: on another machine, or where start times are unknown', async () => {
    const away = await folderWith(lockText({ host: 'elsewhere' }));
    await expect(acquireRunLock(away)).rejects.toMatchObject({ code: 'run-locked' });
    const unknown = await folderWith(lockText({ pid: process.pid }));
    await expect(acquireRunLock(unknown)).rejects.toMatchObject({ code: 'run-locked' });
  });

  it.each(['', '{"pid":', '{"pid":-1}', 'null', '[[[[', '\u0000'.repeat(40), 'x'.repeat(20_000)])(
    'is taken over when it is torn: %#',
    async (text) => {
      const folder = await folderWith(text);
      const lock = await acquireRunLock(folder);
      expect(lock.takenOver).toBeUndefined();
      expect(JSON.parse(await readFile(join(folder, LOCK), 'utf8'))).toMatchObject({ pid: process.pid });
      await lock.release();
    },
  );

  it('is an input error where it cannot be made', async () => {
    const folder = await folderWith();
    await expect(acquireRunLock(join(folder, 'nothing'))).rejects.toMatchObject({
      code: 'folder-unwritable',
    });
    await mkdir(join(folder, LOCK));
    await expect(acquireRunLock(folder)).rejects.toMatchObject({ code: 'folder-unwritable' });
    const linked = await folderWith();
    await symlink(join(folder, 'target'), join(linked, LOCK));
    await expect(acquireRunLock(linked)).rejects.toMatchObject({ code: 'folder-unwritable' });
  });

  it('survives a takeover that was itself cut off', async () => {
    const folder = await folderWith(lockText());
    await writeFile(join(folder, `${LOCK}.over-00000000`), lockText());
    await writeFile(join(folder, `${LOCK}.${TOKEN}`), lockText());
    const lock = await acquireRunLock(folder);
    expect(lock.takenOver).toBeDefined();
    expect(await readdir(folder)).toEqual([LOCK]);
    await lock.release();
  });

  it('has one holder among many that try at once in one process, stale or free', async () => {
    for (const text of [undefined, lockText(), '{"torn']) {
      const folder = await folderWith(text);
      const attempts = await Promise.allSettled(Array.from({ length: 20 }, () => acquireRunLock(folder)));
      const refused = attempts
        .filter((one) => one.status === 'rejected')
        .map(({ reason }) => reason as unknown);
      expect(refused).toHaveLength(19);
      for (const reason of refused) expect(reason).toMatchObject({ code: 'run-locked' });
      expect(await readdir(folder)).toEqual([LOCK]);
    }
  });

  it('has one holder among several processes that take over a stale one at once', async () => {
    const folder = await folderWith(lockText());
    const contenders = await Promise.all([1, 2, 3].map(() => contender(folder)));
    for (const one of contenders) go(one);
    const answers = (await Promise.all(contenders.map((one) => one.line()))) as {
      locked?: number;
      code?: string;
    }[];
    const holders = answers.filter(({ locked }) => locked !== undefined);
    expect(holders).toHaveLength(1);
    expect(answers.filter(({ code }) => code === 'run-locked')).toHaveLength(2);
    expect(JSON.parse(await readFile(join(folder, LOCK), 'utf8'))).toMatchObject({ pid: holders[0]?.locked });
  });
});
