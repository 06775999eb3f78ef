/** Locks of processes that cannot be seen from here, or that do not move: none of them is taken over. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { acquireRunLock } from '../../src/node.js';
import { thisSystem } from '../../src/checkpoint/process-identity.js';
import { start, type Program } from './programs/run.js';
import { temporaryFolder } from './support.js';

const LOCK = 'run.lock';
const CONTAINER = 'unshare --pid --fork --mount-proc --kill-child';
const containers = spawnSync('sh', ['-c', `${CONTAINER} true`]).status === 0;

/** Takes the lock of a folder in a process of its own, and keeps it. @param container with a PID namespace of its own */
async function holder(folder: string, container = false): Promise<Program & { readonly said: unknown }> {
  const program = start('lock', [folder], container ? `exec ${CONTAINER} "$@"` : 'true');
  expect(await program.line()).toBe('ready');
  program.child.stdin?.write('go\n');
  return { ...program, said: await program.line() };
}

describe.skipIf(!containers)('a lock across PID namespaces with one host name', () => {
  it('is not stolen from a container, nor by one, nor when its holder was killed unseen', async () => {
    const folder = await temporaryFolder();
    const inside = await holder(folder, true);
    // Its number in there is nobody's here, or somebody else's.
    expect(inside.said).toMatchObject({ locked: expect.any(Number) as number });
    const refusal = {
      code: 'run-locked',
      message: expect.stringMatching(/whether it still runs cannot be told from here.*remove ".*run\.lock"/s),
    };
    await expect(acquireRunLock(folder)).rejects.toMatchObject(refusal);
    expect((await holder(folder, true)).said).toMatchObject(refusal);
    inside.child.kill('SIGKILL');
    await inside.ended;
    await expect(acquireRunLock(folder)).rejects.toMatchObject(refusal);
    expect(await readdir(folder)).toEqual([LOCK]);

    const free = await temporaryFolder();
    const lock = await acquireRunLock(free);
    expect((await holder(free, true)).said).toMatchObject(refusal);
    await lock.release();
  }, 120_000);
});
if (!containers) console.log('not tested: locks across PID namespaces: unshare is not permitted here');

describe('a lock', () => {
  it('is not stolen from a process that was stopped, which is said to be', async (context) => {
    if (!existsSync('/proc/self/stat')) return context.skip('no /proc');
    const folder = await temporaryFolder();
    const { child } = await holder(folder);
    child.kill('SIGSTOP');
    while (!/\) T /.test(await readFile(`/proc/${child.pid}/stat`, 'utf8')));
    await expect(acquireRunLock(folder, { patience: 60 })).rejects.toMatchObject({
      code: 'run-locked',
      message: expect.stringMatching(
        new RegExp(`process ${child.pid} .*was stopped.*kill -CONT ${child.pid}`, 's'),
      ) as string,
    });
    child.kill('SIGCONT');
    await expect(acquireRunLock(folder)).rejects.toThrow(/is using it$|is using it\W/m);
  }, 60_000);

  it('is waited for by who has patience, and not where waiting cannot help', async () => {
    const folder = await temporaryFolder();
    const { child } = await holder(folder);
    const waiting = acquireRunLock(folder, { patience: 120_000 });
    child.kill('SIGKILL');
    await (await waiting).release();

    const elsewhere = { pid: 1, host: 'elsewhere', started: null, namespace: null };
    const token = '00000000-0000-4000-8000-000000000000';
    await writeFile(join(folder, LOCK), JSON.stringify({ ...elsewhere, token }));
    await expect(acquireRunLock(folder, { patience: 3_600_000 })).rejects.toMatchObject({
      code: 'run-locked',
    });
  }, 120_000);

  it('of a machine that was started again is taken over on a disk of its own, and nowhere else', async () => {
    const token = '00000000-0000-4000-8000-000000000000';
    const before = {
      pid: process.pid,
      host: hostname(),
      started: 'boot-before 12',
      namespace: 'pid:[1]',
      token,
    };
    for (const ownDisk of [true, false]) {
      const folder = await temporaryFolder();
      await writeFile(join(folder, LOCK), JSON.stringify(before));
      const system = { ...thisSystem, ownDisk: () => Promise.resolve(ownDisk) };
      // Only Linux tells boots apart.
      const here = { ...(await thisSystem.identity()), started: 'boot-now 1', namespace: 'pid:[1]' };
      const lock = acquireRunLock(folder, { system: { ...system, identity: () => Promise.resolve(here) } });
      if (ownDisk) await (await lock).release();
      else await expect(lock).rejects.toMatchObject({ code: 'run-locked' });
    }
  });
});
