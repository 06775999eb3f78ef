/** Checkpoints that an earlier version wrote (test/fixtures/format-1 at the root says which) are read as before. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeSafetensors } from '@ligature/weight-sharing';
import { describe, expect, it } from 'vitest';
import { CheckpointStore, loadModel } from '../../src/node.js';

const FIXTURES = fileURLToPath(new URL('../../../../test/fixtures/format-1', import.meta.url));
const RUNS = [
  ['run', 12],
  ['comparison/none-seed-1', 36],
  ['comparison/q-learning-hidden=8-seed-1', 16],
  ['landscape/0-1-0-seed-1', 17],
  ['sweep/001-seed-1', 36],
] as const;

describe.each(RUNS)('%s', (run, step) => {
  const folder = join(FIXTURES, run, 'checkpoints');
  const name = `step-${String(step).padStart(6, '0')}`;
  const file = (of: string): Buffer => readFileSync(join(folder, name, of));
  const written = JSON.parse(file('model.json').toString()) as {
    version: number;
    tokenizerJson: unknown;
    vocabularySize: number;
    config: { model: { layers: number; name: string }; training: { weightDecay: number } };
  };

  it('is of version 1', () => {
    expect(written.version).toBe(1);
    expect(readdirSync(folder)).toContain(name);
  });

  it('opens with all of its state, and its model as a task with its inputs', async () => {
    const { model, parts, damaged } = (await new CheckpointStore(folder).latest())!;
    expect(damaged).toEqual([]);
    expect(model).toMatchObject({
      step,
      task: { tokenizer: written.tokenizerJson },
      inputs: { vocabularySize: written.vocabularySize },
    });
    const { model: choice, task, optimizer } = model.config;
    expect(choice).toMatchObject({ name: 'gpt2', options: { layers: written.config.model.layers } });
    expect(task.name).toBe('causal-lm');
    expect(optimizer).toMatchObject({
      name: 'adamw',
      options: { weightDecay: written.config.training.weightDecay },
    });
    expect(model.weights).toEqual(decodeSafetensors(file('model.safetensors')));
    expect(Object.keys(parts)).toEqual(
      expect.arrayContaining(['trainer', 'batches', 'registry', 'streams', 'text', 'log']),
    );
    expect(parts['trainer']).toMatchObject({ step });
  });

  it('opens as a model for use', async () => {
    expect(await loadModel(join(folder, name))).toMatchObject({ step });
  });
});
