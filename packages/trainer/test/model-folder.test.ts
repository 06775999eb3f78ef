import '@tensorflow/tfjs-backend-cpu';
import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandomStreams, runConfigSchema } from '@ligature/core';
import { WeightRegistry } from '@ligature/weight-sharing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkpointPath, measureBatches } from '../src/index.js';
import { loadModel, saveModel } from '../src/node.js';
import { randomBatch } from './support.js';
import { createToyObjective } from './toy-model.js';

const objective = createToyObjective({ layers: 3, width: 4, vocabularySize: 6 });
const description = {
  config: runConfigSchema.parse({ seed: 9, model: { layers: 3 } }),
  task: { tokenizer: { model: { type: 'BPE', merges: ['a b'] } } },
  inputs: { vocabularySize: 6 },
  step: 200,
};

let root: string;
let registry: WeightRegistry;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ligature-model-'));
  registry = new WeightRegistry(objective, createRandomStreams(1));
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

    const other = new WeightRegistry(objective, createRandomStreams(2));
    other.importWeights(weights);
    expect(other.tieMap).toEqual([0, 0, 2]);
    const batch = randomBatch(createRandomStreams(3).stream('data-order'), 2, 5, 6);
    const measured = [registry, other].map((one) => measureBatches(objective, one.view(), [batch]));
    const [before, after] = (await Promise.all(measured)).map(({ loss }) => loss);
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
    await writeFile(join(folder, 'model.json'), '{"format": "ligature-model", "version": 3}');
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

  it('is read when it is of version 1, of before there were tasks: a language model and its tokenizer', async () => {
    const folder = join(root, 'model');
    await saveModel(folder, registry, description);
    await rm(join(folder, 'checksums.json'));
    const path = join(folder, 'model.json');
    const { task, inputs, ...rest } = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown> & {
      task: { tokenizer: unknown };
      inputs: { vocabularySize: number };
    };
    const first = { ...rest, version: 1, tokenizerJson: task.tokenizer, ...inputs };
    await writeFile(path, JSON.stringify(first));
    const { weights, ...read } = await loadModel(folder);
    expect(read).toEqual(description);
    expect(weights).toEqual(registry.exportWeights());

    // A file of one version is not taken for one of the other.
    for (const damaged of [
      { ...first, version: 2 },
      { ...rest, task, inputs, version: 1 },
      { ...first, vocabularySize: 0 },
      { ...rest, task, inputs: { vocabularySize: 'many' } },
    ]) {
      await writeFile(path, JSON.stringify(damaged));
      await expect(loadModel(folder)).rejects.toMatchObject({ code: 'model-invalid' });
    }
  });
});
