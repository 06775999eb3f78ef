/** Faults that are no pretence: a limit on file size, a file system of 1 MB, a read-only one, SIGKILL while saving. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandomStream } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { acquireRunLock, CheckpointStore } from '../../src/node.js';
import { mounted } from '../../../core/test/support/disks.js';
import { start } from './programs/run.js';
import { sampleCheckpoint, temporaryFolder } from './support.js';

const files = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true })).filter((name) => !name.startsWith('step-')).sort();

describe('real faults', () => {
  it('a file-size limit ends the save with an input error and leaves the older checkpoint', async () => {
    const folder = join(await temporaryFolder(), 'checkpoints');
    await new CheckpointStore(folder).save(sampleCheckpoint(1));
    // 512-byte blocks or kibibytes, as the shell has it: between half a megabyte and one; the weights take two.
    const program = start('save', [folder, '2', '2', '2'], 'ulimit -f 1000');
    expect(await program.line()).toMatchObject({
      name: 'InputError',
      code: 'folder-unwritable',
      message: expect.stringMatching(/EFBIG.*Free some space/),
    });
    await program.ended;
    expect(program.child.exitCode).toBe(3);
    expect(await files(folder)).toEqual(['latest']);
    expect(await new CheckpointStore(folder).list()).toMatchObject([{ step: 1 }]);
    expect((await new CheckpointStore(folder).latest())?.parts).toEqual(sampleCheckpoint(1).parts);
  });

  it('a full disk ends the save with an input error and leaves the older checkpoint', async (context) => {
    const disk = mounted('1m');
    if (disk === undefined) return context.skip('no permission to mount a tmpfs');
    const folder = join(disk, 'checkpoints');
    const store = new CheckpointStore(folder);
    await store.save(sampleCheckpoint(1));
    const large = { ...sampleCheckpoint(2), parts: { registry: { moments: new Float32Array(2 ** 18) } } };
    await expect(store.save(large)).rejects.toMatchObject({
      name: 'InputError',
      code: 'folder-unwritable',
      message: expect.stringMatching(/ENOSPC.*Free some space/),
    });
    expect(await files(folder)).toEqual(['latest']);
    expect((await store.latest())?.parts).toEqual(sampleCheckpoint(1).parts);
    // What was cut short takes no space any more.
    await store.save(sampleCheckpoint(3));
    expect((await store.list()).map(({ step }) => step)).toEqual([1, 3]);
  });

  it('a read-only disk is an input error for saving and locking; reading goes on', async (context) => {
    const disk = mounted('4m');
    if (disk === undefined) return context.skip('no permission to mount a tmpfs');
    const store = new CheckpointStore(join(disk, 'checkpoints'));
    await store.save(sampleCheckpoint(1));
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    const unwritable = {
      name: 'InputError',
      code: 'folder-unwritable',
      message: expect.stringContaining('EROFS'),
    };
    await expect(store.save(sampleCheckpoint(2))).rejects.toMatchObject(unwritable);
    await expect(store.discardAfter(0)).rejects.toMatchObject(unwritable);
    await expect(acquireRunLock(disk)).rejects.toMatchObject(unwritable);
    expect((await store.latest())?.step).toBe(1);
  });

  it('a kill at any moment loses nothing that was reported saved', async () => {
    const folder = join(await temporaryFolder(), 'checkpoints');
    await mkdir(folder);
    const random = createRandomStream(7, 'kills');
    let step = 0;
    let torn = 0;
    const entries = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.partial'));
    // Two kills at any moment, then some in the middle of a write, until one has torn it.
    for (let kill = 0; kill < 3 || (torn === 0 && kill < 10); kill += 1) {
      const program = start('save', [folder, String(step + 1), '1000000', '2']);
      let reported = Number(await program.line());
      expect(reported).toBe(step + 1);
      if (kill < 2) await sleep(random.integer(0, 120));
      else while (entries().length === 0) await sleep(0);
      program.child.kill('SIGKILL');
      for (let line = await program.line(); line !== undefined; line = await program.line())
        reported = Number(line);
      torn += entries().length;
      const { step: found, damaged, parts } = (await new CheckpointStore(folder).latest())!;
      expect(damaged).toEqual([]);
      expect([reported, reported + 1]).toContain(found);
      expect((parts['registry'] as { moments: Float32Array }).moments.every((one) => one === found)).toBe(
        true,
      );
      step = found;
    }
    expect(torn).toBeGreaterThan(0);
    await new CheckpointStore(folder).save(sampleCheckpoint(step + 1));
    expect((await files(folder)).filter((name) => name !== 'latest')).toEqual([]);
  });
});
