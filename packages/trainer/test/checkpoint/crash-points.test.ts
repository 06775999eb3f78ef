/** A crash or an error at each operation of a save, in turn. */
import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRandomStream } from '@ligature/core';
import { CheckpointStore, nodeFileSystem } from '../../src/node.js';
import { failing, Fault, MemoryDisk } from '../../../core/test/support/disks.js';
import { sampleCheckpoint, temporaryFolder } from './support.js';

const FOLDER = '/run/checkpoints';
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

/** Saves 1 … 3, then 2 again after going back, then that one once more: every path of a save. */
const SAVES: readonly (readonly [step: number, salt: number])[] = [
  [1, 0],
  [2, 0],
  [3, 0],
  [2, 1],
  [2, 2],
];

/** Operations of each save, counted in a run without faults. */
async function countOperations(): Promise<number> {
  const fs = failing(new MemoryDisk().asPort(), Infinity, false);
  const store = new CheckpointStore(FOLDER, { fileSystem: fs });
  for (const [step, salt] of SAVES) await store.save(sampleCheckpoint(step, salt));
  return fs.count;
}

describe('a save that is interrupted at any operation', () => {
  it('leaves the last checkpoint or the new one after a power cut, and nothing is lost that was reported saved', async () => {
    const operations = await countOperations();
    expect(operations).toBeGreaterThan(60);
    for (let at = 1; at <= operations; at += 1) {
      for (const salt of [0, 1, 2, 3]) {
        const survives = createRandomStream(at * 10 + salt, 'power');
        const disk = new MemoryDisk();
        const fs = failing(disk.asPort(), at, true);
        const store = new CheckpointStore(FOLDER, { fileSystem: fs });
        let done = 0;
        try {
          for (const [step, variant] of SAVES) {
            await store.save(sampleCheckpoint(step, variant));
            done += 1;
          }
        } catch (error) {
          expect(error).toMatchObject({ name: 'InputError', code: 'folder-unwritable' });
        }
        // Everything pending lost, everything on the disk, or some of it.
        disk.powerCut(
          (pending) => [0, pending, survives.integer(0, pending + 1)][Math.min(salt, 2)] as number,
        );

        const after = new CheckpointStore(FOLDER, { fileSystem: disk.asPort() });
        const found = await after.latest();
        const allowed = [SAVES[done - 1], SAVES[done]].map((one) => one?.join());
        const [, , third] = (found?.parts['trainer'] as { losses: number[] } | undefined)?.losses ?? [];
        expect(allowed, `operation ${at} of ${operations}, ${done} saved`).toContain(
          found && [found.step, third].join(),
        );
        expect(found?.damaged ?? []).toEqual([]);

        // Goes on as if nothing had happened, and clears up.
        await after.save(sampleCheckpoint(4));
        expect((await after.latest())?.step).toBe(4);
        const entries = await disk.list(FOLDER);
        expect(entries.filter((name) => !/^(latest|step-00000\d\/)$/.test(name))).toEqual([]);
        expect(text(await disk.read(`${FOLDER}/latest`))).toBe('step-000004\n');
      }
    }
  });

  it('names a checkpoint in `latest` that is there, whatever failed', async () => {
    const operations = await countOperations();
    for (let at = 1; at <= operations; at += 1) {
      const disk = new MemoryDisk();
      const store = new CheckpointStore(FOLDER, { fileSystem: failing(disk.asPort(), at, false) });
      for (const [step, salt] of SAVES) {
        await store.save(sampleCheckpoint(step, salt)).catch((error: unknown) => {
          expect(error).toMatchObject({ name: 'InputError', cause: expect.any(Fault) });
        });
        const pointer = await disk.read(`${FOLDER}/latest`).then(text, () => undefined);
        if (pointer === undefined) continue;
        const { step: found } = await new CheckpointStore(FOLDER, { fileSystem: disk.asPort() }).open(
          pointer.trim(),
        );
        expect(found).toBeLessThanOrEqual(3);
      }
    }
  });

  it('leaves nothing half-written when the process lives on', async () => {
    const base = join(await temporaryFolder(), 'checkpoints');
    const first = new CheckpointStore(base);
    for (const step of [1, 2]) await first.save(sampleCheckpoint(step));
    for (let at = 1; ; at += 1) {
      const folder = join(await temporaryFolder(), 'checkpoints');
      await cp(base, folder, { recursive: true });
      const fs = failing(nodeFileSystem, at, false);
      const failed = await new CheckpointStore(folder, { fileSystem: fs }).save(sampleCheckpoint(2, 7)).then(
        () => false,
        () => true,
      );
      if (fs.count < at) break;
      const store = new CheckpointStore(folder);
      const { parts, damaged } = (await store.latest())!;
      expect(damaged).toEqual([]);
      expect([0, 7].map((salt) => sampleCheckpoint(2, salt).parts)).toContainEqual(parts);
      expect((await store.open('step-000001')).step).toBe(1);
      if (failed) {
        // The old one, replaced by a new one that may not be on the disk yet; the next save removes it.
        const entries = (await readdir(folder)).filter((name) => name !== 'step-000002.previous');
        expect(entries.sort()).toEqual(['latest', 'step-000001', 'step-000002']);
        expect(await readFile(join(folder, 'latest'), 'utf8')).toBe('step-000002\n');
      }
    }
  });
});
