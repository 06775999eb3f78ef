/** A run that starts where another one stopped: `weights.from`. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RunConfigInput } from '@ligature/core';
import { CheckpointStore } from '@ligature/trainer/node';
import { describe, expect, it } from 'vitest';
import { resumeTrial, runTrial } from '../src/index.js';
import { environment, tinyConfig, tinyRun, withFolder } from './tiny-run.js';

const model = { layers: 4, dropout: 0.1 };
const source: RunConfigInput = { controller: 'random', model, training: { steps: 6 }, seed: 3 };
const next: RunConfigInput = {
  controller: 'none',
  model,
  training: { steps: 4 },
  seed: 5,
  checkpoint: { every: 2, everyMinutes: null, keepLast: 5 },
  weights: { from: { name: 'run', options: { path: 'source' } } },
};

const readJson = (...path: string[]): Record<string, unknown> =>
  JSON.parse(readFileSync(join(...path), 'utf8')) as Record<string, unknown>;

/** A run called `source`, and one from its weights. */
async function both(folder: string, overrides: RunConfigInput = {}) {
  const first = await tinyRun(folder, source, [], 'source');
  const second = await tinyRun(folder, { ...next, ...overrides }, [], 'next');
  const last = (await new CheckpointStore(join(first.folder, 'checkpoints')).latest())!;
  const start = await new CheckpointStore(join(second.folder, 'checkpoints')).open('step-000000');
  return { first, second, last, start };
}

describe('weights from another run', () => {
  it('are its last ones, with its tie map and its moments; everything else begins anew', async () => {
    await withFolder(async (folder) => {
      const { first, second, last, start } = await both(folder);
      expect(start.model.weights).toEqual(last.model.weights);
      expect(start.parts['registry']).toEqual(last.parts['registry']);
      expect((last.parts['registry'] as { slots: unknown[] }).slots.length).toBeGreaterThan(0);
      // A map that the controller would not have begun with.
      expect(first.result.tieMap).not.toEqual([0, 1, 2, 3]);
      expect(second.events[0]).toMatchObject({ type: 'run.started', seed: 5, tieMap: first.result.tieMap });
      expect(start.parts['trainer']).toMatchObject({ step: 0, tokens: 0, window: 0, done: false });
      expect(second.result.losses.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
      // Another run of the same seed without them starts elsewhere.
      const fresh = await tinyRun(folder, { ...next, weights: {} }, [], 'fresh');
      expect(fresh.result.losses[0]?.loss).not.toBe(second.result.losses[0]?.loss);
    });
  });

  it('are named in the manifest and in the configuration of the run', async () => {
    await withFolder(async (folder) => {
      const { second } = await both(folder);
      expect(readJson(second.folder, 'manifest.json')['weights']).toEqual({
        kind: 'run',
        run: 'source',
        step: 6,
      });
      expect(readJson(second.folder, 'config.json')['weights']).toEqual({
        from: { name: 'run', options: { path: 'source' } },
      });
      const plain = await tinyRun(folder, {}, [], 'plain');
      expect(readJson(plain.folder, 'manifest.json')).not.toHaveProperty('weights');
    });
  });

  it('are not taken a second time when the run goes on, and need not be there any more', async () => {
    await withFolder(async (folder) => {
      const { second } = await both(folder);
      const abort = new AbortController();
      const env = environment(folder, {
        signal: abort.signal,
        listen: (bus) => void bus.on('step.completed').subscribe(({ step }) => step === 3 && abort.abort()),
      });
      const place = join(folder, 'stopped');
      expect((await runTrial(tinyConfig(folder, next), place, env)).outcome).toBe('stopped');
      rmSync(join(folder, 'source'), { recursive: true });
      const resumed = await resumeTrial(place, environment(folder));
      expect(resumed.losses).toEqual(second.result.losses);
      expect(resumed.test).toEqual(second.result.test);
    });
  });

  it('are refused where they were trained on other data, or with another tokenizer', async () => {
    await withFolder(async (folder) => {
      await tinyRun(folder, source, [], 'source');
      const begin = async (overrides: RunConfigInput, change = (text: string) => text): Promise<unknown> => {
        const config = tinyConfig(folder, { ...next, ...overrides });
        const text = config.dataset!.name;
        writeFileSync(text, change(readFileSync(text, 'utf8')));
        return runTrial(config, join(folder, 'refused'), environment(folder));
      };
      const changed = (text: string): string => text.replace('Line 3 ', 'Line E ');
      await expect(begin({}, changed)).rejects.toMatchObject({
        name: 'InputError',
        code: 'run-data-changed',
        message: expect.stringContaining('weights of "run"') as string,
      });
      const words = begin({ tokenizer: 'word', evaluation: { batch: 1 } });
      await expect(words).rejects.toMatchObject({ code: 'run-data-changed' });
      expect(await begin({})).toMatchObject({ outcome: 'completed' });
    });
  });

  it('are refused where there is no run, or its model or profile is another', async () => {
    await withFolder(async (folder) => {
      const begin = (overrides: RunConfigInput) => tinyRun(folder, { ...next, ...overrides }, [], 'refused');
      await expect(begin({})).rejects.toMatchObject({ name: 'InputError', code: 'run-unreadable' });
      await tinyRun(folder, source, [], 'source');
      const official = { profile: 'official', window: 1 } as const;
      for (const other of [
        { model: { ...model, layers: 3 } },
        { tying: official, task: { chunking: 'contiguous' } },
      ]) {
        await expect(begin(other)).rejects.toMatchObject({
          name: 'InputError',
          code: 'weights-unfit',
          message: expect.stringContaining('weights of "run"') as string,
        });
      }
      await expect(begin({ model: { ...model, width: 16 } })).rejects.toMatchObject({ name: 'InputError' });
      await expect(begin({ weights: { from: { name: 'run' } } })).rejects.toMatchObject({
        code: 'options-invalid',
      });
      await expect(begin({ weights: { from: 'nowhere' } })).rejects.toThrow(/run/);
    });
  });
});
