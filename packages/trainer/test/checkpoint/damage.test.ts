/** Every bit of every file counts: whatever is flipped or cut off, the checkpoint is refused and the one before is given. */
import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CheckpointStore, loadModel } from '../../src/node.js';
import { sampleCheckpoint, temporaryFolder } from './support.js';

const FILES = ['checksums.json', 'model.json', 'model.safetensors', 'state.json', 'state.safetensors'];

async function damageable() {
  const folder = await temporaryFolder();
  const store = new CheckpointStore(folder);
  for (const step of [100, 200]) await store.save(sampleCheckpoint(step));
  const newest = join(folder, 'step-000200');
  const files = new Map<string, Buffer>();
  for (const name of await readdir(newest)) files.set(name, await readFile(join(newest, name)));
  return { store, newest, files };
}

async function expectPassedOver(store: CheckpointStore, newest: string): Promise<void> {
  const { step, damaged, parts } = (await store.latest())!;
  expect(step).toBe(100);
  expect(parts).toEqual(sampleCheckpoint(100).parts);
  expect(damaged).toEqual([{ name: 'step-000200', reason: expect.stringMatching(/\w/) }]);
  await expect(store.open('step-000200')).rejects.toMatchObject({ name: 'InputError' });
  // The state of the run is not part of the model.
  const model = loadModel(newest);
  await model.then(
    ({ step: other, weights }) => {
      expect(other).toBe(200);
      expect(weights).toEqual(sampleCheckpoint(200).weights);
    },
    (error: unknown) => expect(error).toMatchObject({ name: 'InputError' }),
  );
}

describe('damage to a file of the newest checkpoint', () => {
  it('knows all files', async () => {
    expect([...(await damageable()).files.keys()].sort()).toEqual(FILES);
  });

  describe.each(FILES)('%s', (name) => {
    it('is noticed wherever a bit is flipped', async () => {
      const { store, newest, files } = await damageable();
      const whole = files.get(name)!;
      const place = fc.oneof(
        // Beginning, end and anywhere: header length, header, data, checksums.
        fc.nat(Math.min(15, whole.length - 1)),
        fc.nat(Math.min(15, whole.length - 1)).map((at) => whole.length - 1 - at),
        fc.nat(whole.length - 1),
      );
      const flip = async (at: number, bit: number): Promise<void> => {
        const bytes = Buffer.from(whole);
        bytes[at] = whole[at]! ^ (1 << bit);
        await writeFile(join(newest, name), bytes);
        await expectPassedOver(store, newest);
      };
      await fc.assert(fc.asyncProperty(place, fc.nat(7), flip), { numRuns: 40 });
      await writeFile(join(newest, name), whole);
      expect((await store.latest())?.step).toBe(200);
    });

    it('is noticed wherever it is cut off or goes on', async () => {
      const { store, newest, files } = await damageable();
      const whole = files.get(name)!;
      const cut = async (length: number): Promise<void> => {
        await writeFile(join(newest, name), whole);
        await truncate(join(newest, name), length);
        await expectPassedOver(store, newest);
      };
      const length = fc.oneof(
        fc.nat(whole.length - 1),
        fc.integer({ min: whole.length + 1, max: 2 * whole.length }),
      );
      await fc.assert(fc.asyncProperty(length, cut), {
        numRuns: 12,
        examples: [[0], [whole.length - 1], [whole.length + 1], [2 ** 40]],
      });
    });
  });
});
