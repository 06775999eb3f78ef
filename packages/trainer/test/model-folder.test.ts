import '@tensorflow/tfjs-backend-cpu';
import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandomStreams, runConfigSchema } from '@ligature/core';
import { WeightRegistry } from '@ligature/weight-sharing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkpointPath, loadModel, meanLoss, saveModel } from '../src/index.js';
import { randomBatch } from './support.js';
import { createToyModel } from './toy-model.js';

const model = createToyModel({ layers: 3, width: 4, vocabularySize: 6 });
const description = {
  config: runConfigSchema.parse({ seed: 9, model: { layers: 3 } }),
  tokenizerJson: { model: { type: 'BPE', merges: ['a b'] } },
  vocabularySize: 6,
  step: 200,
};

let root: string;
let registry: WeightRegistry;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ligature-model-'));
  registry = new WeightRegistry(model, createRandomStreams(1));
  registry.initialize([0, 0, 2]);
});
afterEach(async () => {
  registry.dispose();
  await rm(root, { recursive: true });
});

describe('a saved model', () => {
  it('comes back with its weights, tie map and description, and has the same loss', async () => {
    const folder = join(root, checkpointPath(200));
    expect(folder).toBe(join(root, 'checkpoints', 'step-000200'));
    await saveModel(folder, registry, description);
    const { weights, ...rest } = await loadModel(folder);
    expect(rest).toEqual(description);

    const other = new WeightRegistry(model, createRandomStreams(2));
    other.importWeights(weights);
    expect(other.tieMap).toEqual([0, 0, 2]);
    const batch = randomBatch(createRandomStreams(3).stream('data-order'), 2, 5, 6);
    const losses = [registry, other].map((one) => meanLoss(model, one.view(), [batch]));
    const [before, after] = await Promise.all(losses);
    expect(after).toBe(before);
    other.dispose();
  });

  it('holds each block once', async () => {
    const folder = join(root, 'model');
    await saveModel(folder, registry, description);
    const bytes = await readFile(join(folder, 'model.safetensors'));
    const header = JSON.parse(bytes.toString('utf8', 8, 8 + Number(bytes.readBigUInt64LE(0)))) as object;
    expect(Object.keys(header).sort()).toEqual([
      '__metadata__',
      'embedding',
      'h.0.bias',
      'h.0.weight',
      'h.2.bias',
      'h.2.weight',
      'head',
    ]);
  });

  it('replaces an older one as a whole and clears away what a crash left', async () => {
    const folder = join(root, 'model');
    await saveModel(folder, registry, description);
    await writeFile(join(folder, 'stray'), '');
    await mkdir(`${folder}.partial`);
    await writeFile(join(`${folder}.partial`, 'model.json'), '{"half":');
    await saveModel(folder, registry, { ...description, step: 300 });
    expect((await loadModel(folder)).step).toBe(300);
    expect(await readdir(folder)).toEqual(['checksums.json', 'model.json', 'model.safetensors']);
    expect(await readdir(root)).toEqual(['model']);
  });

  it('is refused with the name of a folder that cannot be written', async () => {
    const file = join(root, 'occupied');
    await writeFile(file, 'a file where a folder should be');
    const saving = saveModel(join(file, 'model'), registry, description);
    await expect(saving).rejects.toMatchObject({ name: 'InputError', code: 'folder-unwritable' });
    await expect(saving).rejects.toThrow(join(file, 'model'));
    expect(await readdir(root)).toEqual(['occupied']);
  });

  it('is refused with a reason when it is missing or damaged', async () => {
    await expect(loadModel(join(root, 'nothing'))).rejects.toMatchObject({ code: 'model-missing' });
    const folder = join(root, 'model');
    await saveModel(folder, registry, description);
    const whole = await readFile(join(folder, 'model.json'), 'utf8');
    await writeFile(join(folder, 'model.json'), '{"format": "ligature-model", "version": 2}');
    await expect(loadModel(folder)).rejects.toMatchObject({ code: 'checkpoint-damaged' });

    // Without checksums, as older versions wrote it, the content must do.
    await rm(join(folder, 'checksums.json'));
    await expect(loadModel(folder)).rejects.toMatchObject({
      code: 'model-invalid',
      message: expect.stringContaining('version'),
    });
    for (const text of [
      '{"format":',
      whole.replace('"step": 200', '"step": -1'),
      // Of a file whose tie map is [0, 0, 2].
      JSON.stringify({ ...(JSON.parse(whole) as object), tieMap: [0, 1, 2] }),
      `${'['.repeat(200_000)}${']'.repeat(200_000)}`,
    ]) {
      await writeFile(join(folder, 'model.json'), text);
      await expect(loadModel(folder)).rejects.toMatchObject({ code: 'model-invalid' });
    }
    await writeFile(join(folder, 'model.json'), Buffer.from([0x7b, 0xff, 0x7d]));
    await expect(loadModel(folder)).rejects.toMatchObject({ code: 'model-invalid' });
    await writeFile(join(folder, 'model.json'), whole);
    expect((await loadModel(folder)).step).toBe(200);
  });
});
