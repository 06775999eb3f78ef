import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Json } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { checkpointPath } from '../../src/index.js';
import { CheckpointStore, loadModel } from '../../src/node.js';
import { sampleCheckpoint, temporaryFolder } from './support.js';

const HEX = 'checksums.json';

async function storeOf(
  steps: readonly number[],
  options = {},
): Promise<{ folder: string; store: CheckpointStore }> {
  const folder = join(await temporaryFolder(), 'checkpoints');
  const store = new CheckpointStore(folder, options);
  for (const step of steps) await store.save(sampleCheckpoint(step));
  return { folder, store };
}

const namesIn = async (folder: string): Promise<string[]> => (await readdir(folder)).sort();

describe('a checkpoint', () => {
  it('comes back with everything that was saved', async () => {
    const { folder, store } = await storeOf([200]);
    const saved = sampleCheckpoint(200);
    const { model, parts, step, name, damaged } = (await store.latest())!;
    expect({ step, name, damaged }).toEqual({ step: 200, name: 'step-000200', damaged: [] });
    expect(parts).toEqual(saved.parts);
    const { weights, ...description } = model;
    expect(description).toEqual(saved.model);
    expect(weights).toEqual(saved.weights);
    expect(await loadModel(join(folder, name))).toEqual(model);
    expect(await store.latestModel()).toEqual({ name, model, parts, damaged });
    expect(await namesIn(join(folder, name))).toEqual([
      HEX,
      'model.json',
      'model.safetensors',
      'state.json',
      'state.safetensors',
    ]);
  });

  it('is found under its path and named by `latest`', async () => {
    const { folder, store } = await storeOf([200]);
    expect(await store.save(sampleCheckpoint(300))).toBe('checkpoints/step-000300');
    expect(checkpointPath(300)).toBe('checkpoints/step-000300');
    expect(await readFile(join(folder, 'latest'), 'utf8')).toBe('step-000300\n');
    expect((await store.open('step-000200')).step).toBe(200);
  });

  it('is written to equal bytes from equal state', async () => {
    const [one, other] = [await storeOf([200]), await storeOf([100, 200])];
    for (const file of await namesIn(join(one.folder, 'step-000200'))) {
      const [a, b] = [one, other].map(({ folder }) => readFile(join(folder, 'step-000200', file)));
      expect((await a)?.equals((await b)!)).toBe(true);
    }
  });

  it('replaces the one of the same step', async () => {
    const { folder, store } = await storeOf([100, 200]);
    await store.save(sampleCheckpoint(200, 5));
    expect((await store.latest())?.parts).toEqual(sampleCheckpoint(200, 5).parts);
    expect(await namesIn(folder)).toEqual(['latest', 'step-000100', 'step-000200']);
  });

  it('is not saved when its model is of another step', async () => {
    const { store } = await storeOf([]);
    const saving = store.save({ ...sampleCheckpoint(100), step: 200 });
    await expect(saving).rejects.toMatchObject({ name: 'ContractError', code: 'checkpoint-step' });
    expect(await store.latest()).toBeUndefined();
  });

  it.each([
    ['model-unwritable', JSON.parse(`${'['.repeat(200)}${']'.repeat(200)}`) as Json],
    ['checkpoint-too-large', 'x'.repeat(2 ** 26)],
  ])('is not saved when it could not be read again: %s', async (code, task) => {
    const { folder, store } = await storeOf([100]);
    const { model, ...rest } = sampleCheckpoint(200);
    const saving = store.save({ ...rest, model: { ...model, task } });
    await expect(saving).rejects.toMatchObject({ name: 'ContractError', code });
    expect(await namesIn(folder)).toEqual(['latest', 'step-000100']);
  });

  it('can be looked for where no run has been', async () => {
    const store = new CheckpointStore(join(await temporaryFolder(), 'nothing', 'checkpoints'));
    expect(await store.list()).toEqual([]);
    expect(await store.latest()).toBeUndefined();
    expect(await store.latestModel()).toBeUndefined();
    await expect(store.open('step-000001')).rejects.toMatchObject({ code: 'checkpoint-missing' });
  });
});

describe('what is kept', () => {
  it('is the last n', async () => {
    const { folder, store } = await storeOf([100, 200, 300, 400], { keepLast: 2 });
    expect((await store.list()).map(({ step }) => step)).toEqual([300, 400]);
    expect(await namesIn(folder)).toEqual(['latest', 'step-000300', 'step-000400']);
  });

  it('is the best too, across restarts of the process; of equals the earliest', async () => {
    const { folder } = await storeOf([]);
    const scores = [3, 2, 2, 5, 4, 6];
    for (const [at, score] of scores.entries()) {
      const store = new CheckpointStore(folder, { keepLast: 2, keepBest: true });
      await store.save({ ...sampleCheckpoint(at + 1), score });
    }
    expect(await new CheckpointStore(folder).list()).toEqual([
      { name: 'step-000002', step: 2, score: 2 },
      { name: 'step-000005', step: 5, score: 4 },
      { name: 'step-000006', step: 6, score: 6 },
    ]);
  });

  it('is what was best at each of the newest, which a run may go back to', async () => {
    const { folder } = await storeOf([]);
    const store = new CheckpointStore(folder, { keepLast: 2, keepBest: true });
    for (const [at, score] of [3, 4, 5, 1].entries()) {
      await store.save({ ...sampleCheckpoint(at + 1), score });
    }
    // Without step 4, step 1 is the best again.
    expect((await store.list()).map(({ step }) => step)).toEqual([1, 3, 4]);
  });

  it('is not what lies in a future that the run went back from', async () => {
    const { folder, store } = await storeOf([100, 200, 300], { keepLast: 3 });
    await store.discardAfter(100);
    expect(await namesIn(folder)).toEqual(['latest', 'step-000100']);
    expect(await readFile(join(folder, 'latest'), 'utf8')).toBe('step-000100\n');

    await store.save(sampleCheckpoint(300));
    await store.save(sampleCheckpoint(150));
    expect((await store.list()).map(({ step }) => step)).toEqual([100, 150]);
    await store.discardAfter(0);
    expect(await namesIn(folder)).toEqual([]);
  });

  it('never includes what a crash left, nor what else lies there', async () => {
    const { folder, store } = await storeOf([100]);
    await mkdir(join(folder, 'step-000300.partial'));
    await writeFile(join(folder, 'step-000300.partial', 'model.json'), '{"half":');
    await mkdir(join(folder, 'step-000100.previous'));
    await writeFile(join(folder, 'latest.partial'), 'step-0003');
    await writeFile(join(folder, 'step-000900'), 'a file');
    await mkdir(join(folder, 'step-5'));
    await mkdir(join(folder, 'mine'));
    expect((await store.latest())?.step).toBe(100);
    await store.save(sampleCheckpoint(200));
    expect(await namesIn(folder)).toEqual([
      'latest',
      'mine',
      'step-000100',
      'step-000200',
      'step-000900',
      'step-5',
    ]);
  });

  it('is the old one when a crash hit just between two renames', async () => {
    const { folder, store } = await storeOf([100, 200]);
    await rename(join(folder, 'step-000200'), join(folder, 'step-000200.previous'));
    await mkdir(join(folder, 'step-000200.partial'));
    expect((await store.latest())?.step).toBe(200);
    await store.save(sampleCheckpoint(300));
    expect(await namesIn(folder)).toEqual(['latest', 'step-000200', 'step-000300']);
    expect((await store.open('step-000200')).parts).toEqual(sampleCheckpoint(200).parts);
  });
});

describe('a checkpoint that cannot be used', () => {
  it('is passed over, and named with the reason', async () => {
    const { folder, store } = await storeOf([100, 200, 300], { keepLast: 3 });
    await rm(join(folder, 'step-000200', 'state.safetensors'));
    await rm(join(folder, 'step-000300', HEX));
    const { name, damaged } = (await store.latest())!;
    expect(name).toBe('step-000100');
    expect(damaged).toEqual([
      { name: 'step-000300', reason: 'checksums.json is missing' },
      { name: 'step-000200', reason: expect.stringMatching(/^state\.safetensors: ENOENT/) },
    ]);
  });

  it('is an error when there is no other', async () => {
    const { folder, store } = await storeOf([100]);
    await writeFile(join(folder, 'step-000100', 'model.safetensors'), '');
    await expect(store.latest()).rejects.toMatchObject({
      name: 'InputError',
      code: 'checkpoints-unusable',
      message: expect.stringContaining('step-000100: model.safetensors has 0 bytes, not'),
    });
  });

  it('still opens as a model when it is of the time before states were saved', async () => {
    const { folder, store } = await storeOf([100]);
    for (const file of [HEX, 'state.json', 'state.safetensors']) await rm(join(folder, 'step-000100', file));
    expect(await store.latestModel()).toMatchObject({
      name: 'step-000100',
      model: { step: 100 },
      damaged: [],
    });
    expect(await store.latestModel()).not.toHaveProperty('parts');
    expect((await loadModel(join(folder, 'step-000100'))).weights).toEqual(sampleCheckpoint(100).weights);
    await expect(store.open('step-000100')).rejects.toMatchObject({ code: 'checkpoint-not-resumable' });
    await expect(store.latest()).rejects.toMatchObject({ code: 'checkpoints-unusable' });
  });

  it('asks for an update when a newer Ligature wrote it, and is not gone back behind', async () => {
    const { folder, store } = await storeOf([100, 200]);
    // As version 1 prescribes for all later ones: compact JSON of the other fields, hashed, then written with it.
    const { createHash } = await import('node:crypto');
    const body = { format: 'ligature-checkpoint', version: 2, shards: ['a', 'b'] };
    const sha256 = createHash('sha256').update(JSON.stringify(body)).digest('hex');
    const manifest = join(folder, 'step-000200', HEX);
    await writeFile(manifest, `${JSON.stringify({ ...body, sha256 }, null, 2)}\n`);
    await expect(store.latest()).rejects.toMatchObject({
      code: 'checkpoint-newer',
      message: expect.stringContaining('version 2'),
    });
  });

  it('is refused under the name of another step', async () => {
    const { folder, store } = await storeOf([100]);
    await rename(join(folder, 'step-000100'), join(folder, 'step-000900'));
    await expect(store.open('step-000900')).rejects.toMatchObject({ code: 'checkpoint-damaged' });
  });

  it.each([
    '../secret',
    '..',
    '.',
    '',
    'step-000100/../step-000100',
    '/etc',
    'step-000100.partial',
    'latest',
  ])('is not opened by the name %j', async (name) => {
    const { store } = await storeOf([100]);
    await expect(store.open(name)).rejects.toMatchObject({ name: 'InputError', code: 'checkpoint-missing' });
  });

  it('is refused when one of its files is a link, a folder or a pipe', async () => {
    const { folder, store } = await storeOf([100]);
    const file = join(folder, 'step-000100', 'state.json');
    await rename(file, join(folder, 'elsewhere.json'));
    await symlink(join(folder, 'elsewhere.json'), file);
    await expect(store.open('step-000100')).rejects.toMatchObject({ code: 'checkpoint-damaged' });
    await rm(file);
    await mkdir(file);
    await expect(store.open('step-000100')).rejects.toMatchObject({ code: 'checkpoint-damaged' });
    await rm(file, { recursive: true });
    const { execFileSync } = await import('node:child_process');
    execFileSync('mkfifo', [file]);
    // A pipe that nobody writes to would be waited for without end.
    await expect(store.open('step-000100')).rejects.toMatchObject({ code: 'checkpoint-damaged' });
  });

  it('is not looked for through a link out of the run folder', async () => {
    const { folder } = await storeOf([100]);
    const other = await storeOf([]);
    await mkdir(other.folder, { recursive: true });
    await symlink(join(folder, 'step-000100'), join(other.folder, 'step-000100'));
    expect(await other.store.list()).toEqual([]);
  });

  it('is an input error when the folder of checkpoints is a file', async () => {
    const file = join(await temporaryFolder(), 'checkpoints');
    await writeFile(file, '');
    const store = new CheckpointStore(file);
    await expect(store.latest()).rejects.toMatchObject({
      name: 'InputError',
      code: 'checkpoints-unreadable',
    });
    await expect(store.save(sampleCheckpoint(1))).rejects.toMatchObject({ code: 'folder-unwritable' });
    await expect(store.discardAfter(1)).rejects.toMatchObject({ code: 'folder-unwritable' });
  });
});
