/** What a run is computed with belongs to its checkpoints: whoever goes on takes it from there, whatever else is gone. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { plugin as backends } from '@ligature/backends';
import { plugin as heuristics } from '@ligature/controller-heuristics';
import { defineBackend, PluginHost, type AnyEntry, type Choice, type RunConfigInput } from '@ligature/core';
import { plugin as datasets } from '@ligature/datasets';
import { plugin as evaluators } from '@ligature/evaluators';
import { plugin as tasks } from '@ligature/tasks';
import { plugin as tokenizers } from '@ligature/tokenizers';
import { plugin as trainer } from '@ligature/trainer';
import { plugin as transformer } from '@ligature/transformer';
// Registers it with tfjs: the backends of this test compute on it under other names.
import '@tensorflow/tfjs-backend-cpu';
import { CheckpointStore } from '@ligature/trainer/node';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { resumeTrial, runTrial, type BackendOverride, type TrialResult } from '../src/index.js';
import { environment, tinyConfig, withFolder } from './tiny-run.js';

const STEPS = 6;
const config: RunConfigInput = {
  controller: 'none',
  model: { layers: 2, width: 8, heads: 2, context: 8 },
  training: { steps: STEPS, batch: 2 },
  tying: { window: 2 },
  evaluation: { every: 6, batches: 1, evaluators: [] },
  checkpoint: { every: 2, everyMinutes: null },
  backend: 'auto',
};

/** What this machine has: backends by name, each with its version; those that are not there do not work. */
interface Machine {
  readonly backends?: Readonly<Record<string, string>>;
  readonly tasks?: string;
}

/** Of the last backend that was made: what it was asked for. */
let asked: { readonly options: unknown; readonly threads: number | undefined } | undefined;

const backend = (version: string | undefined): AnyEntry<'backends'> =>
  defineBackend({
    meta: { summary: 'of a test', options: z.strictObject({ kind: z.string().default('usual') }) },
    create: (options, { threads }) => ({
      tfjsName: 'cpu',
      prepare() {
        if (version === undefined) return Promise.reject(new Error('it is not installed'));
        asked = { options, threads };
        return Promise.resolve({ version, detail: 'of a test', threads: threads ?? 3 });
      },
    }),
  });

function hostOf({
  backends: there = { onnxruntime: '1' },
  tasks: version = tasks.version,
}: Machine): PluginHost {
  const host = new PluginHost();
  const own = {
    ...{ name: 'test', version: '1' },
    backends: {
      onnxruntime: backend(there['onnxruntime']),
      wasm: backend(there['wasm']),
      cpu: backends.backends.cpu,
    },
  };
  const parts = [heuristics, datasets, evaluators, tokenizers, trainer, transformer, { ...tasks, version }];
  for (const plugin of [own, ...parts]) host.register(plugin);
  return host;
}

interface Stopped {
  readonly place: string;
  /** Goes on on a machine. */
  goOn(machine?: Machine, override?: BackendOverride): Promise<{ result: TrialResult; notices: string[] }>;
}

/** A run that was stopped in its middle. */
async function stoppedRun(folder: string, over: RunConfigInput = {}): Promise<Stopped> {
  const place = join(folder, 'run');
  const abort = new AbortController();
  await runTrial(
    tinyConfig(folder, { ...config, ...over }),
    place,
    environment(folder, {
      ...{ host: hostOf({}), signal: abort.signal },
      listen: (bus) => void bus.on('step.completed').subscribe(({ step }) => step === 3 && abort.abort()),
    }),
  );
  return {
    place,
    async goOn(machine = {}, override = {}) {
      const notices: string[] = [];
      const env = environment(folder, {
        host: hostOf(machine),
        listen: (bus) => void bus.on('notice.raised').subscribe(({ message }) => notices.push(message)),
      });
      return { result: await resumeTrial(place, env, override), notices };
    },
  };
}

/** Makes the checkpoints of a run such as versions before wrote them. */
async function withoutMadeWith(place: string): Promise<void> {
  const store = new CheckpointStore(join(place, 'checkpoints'));
  const { step, model, parts, score } = (await store.latest())!;
  const { madeWith: _unknown, ...rest } = parts;
  const { weights, ...description } = model;
  rmSync(join(place, 'checkpoints'), { recursive: true });
  await store.save({
    step,
    ...(score !== null && { score }),
    model: description,
    weights,
    parts: rest,
  } as never);
}

const manifestOf = (place: string): string => join(place, 'manifest.json');
const damages: [string, (path: string) => void][] = [
  ['as it was', () => undefined],
  ['gone', (path) => rmSync(path)],
  ['empty', (path) => writeFileSync(path, '')],
  ['torn', (path) => writeFileSync(path, readFileSync(path, 'utf8').slice(0, 90))],
  ['of another backend', (path) => writeFileSync(path, '{"backend":{"name":"cpu"}}')],
];

describe('the backend of a run that goes on', () => {
  it.each(damages)('is that of its checkpoint with a manifest that is %s', async (_how, damage) => {
    await withFolder(async (folder) => {
      const { place, goOn } = await stoppedRun(folder);
      damage(manifestOf(place));
      // Here another one would be taken by `auto`.
      await expect(goOn({ backends: { wasm: '1' } })).rejects.toMatchObject({ code: 'backend-gone' });
      const { result, notices } = await goOn();
      expect(result).toMatchObject({ outcome: 'completed', steps: STEPS, backend: { name: 'onnxruntime' } });
      expect(notices).toEqual([]);
      // Which is there again for those who read it.
      const { name } = (JSON.parse(readFileSync(manifestOf(place), 'utf8')) as { backend: Choice }).backend;
      expect(name).toBe(_how === 'of another backend' ? 'cpu' : 'onnxruntime');
    });
  });

  it.each(damages.slice(0, 4))(
    'is that of the manifest for checkpoints of before, or not known: %s',
    async (how, damage) => {
      await withFolder(async (folder) => {
        const { place, goOn } = await stoppedRun(folder);
        await withoutMadeWith(place);
        damage(manifestOf(place));
        if (how === 'as it was') {
          await expect(goOn({ backends: { wasm: '1' } })).rejects.toMatchObject({ code: 'backend-gone' });
          expect((await goOn()).result.backend.name).toBe('onnxruntime');
          return;
        }
        await expect(goOn()).rejects.toMatchObject({
          name: 'InputError',
          code: 'backend-unknown',
          message: expect.stringMatching(/manifest\.json.*--backend/s) as string,
        });
        // Named, or known from the other trials of a study, it goes on, and says from then on which one it was.
        const other = how === 'gone' ? { backend: 'onnxruntime' } : { otherwise: 'onnxruntime' };
        const { result } = await goOn({ backends: { onnxruntime: '1', wasm: '1' } }, other);
        expect(result.backend.name).toBe('onnxruntime');
        expect(readFileSync(manifestOf(place), 'utf8')).toContain('"onnxruntime"');
      });
    },
  );

  it('needs no manifest where the configuration names it, with its options and threads', async () => {
    await withFolder(async (folder) => {
      const chosen = { name: 'onnxruntime', options: { kind: 'own' } };
      const { place, goOn } = await stoppedRun(folder, { backend: chosen, threads: 2 });
      await withoutMadeWith(place);
      rmSync(manifestOf(place));
      expect((await goOn()).notices).toEqual([]);
      expect(asked).toEqual({ options: { kind: 'own' }, threads: 2 });
    });
  });

  it('has as many threads as before, and options that somebody named on the way', async () => {
    await withFolder(async (folder) => {
      const { place, goOn } = await stoppedRun(folder);
      // The backend chose three by itself; on a machine of other cores it would choose otherwise.
      await goOn();
      expect(asked).toEqual({ options: { kind: 'usual' }, threads: 3 });
      const { parts } = (await new CheckpointStore(join(place, 'checkpoints')).latest())!;
      expect(parts['madeWith']).toMatchObject({
        backend: { name: 'onnxruntime', version: '1', threads: 3 },
        versions: { node: process.version, '@ligature/tasks': tasks.version },
      });
    });
  });

  it.each<[string, Machine, BackendOverride, RegExp]>([
    ['version', { backends: { onnxruntime: '2' } }, {}, /last digits may differ: onnxruntime 1 is 2 now$/],
    ['number of threads', {}, { threads: 5 }, /last digits may differ: 3 threads are 5 now$/],
    ['plug-in', { tasks: '9.9.9' }, {}, /last digits may differ: @ligature\/tasks \S+ is 9\.9\.9 now$/],
    [
      'name',
      { backends: { onnxruntime: '1', wasm: '1' } },
      { backend: 'wasm' },
      /^the run began on onnxruntime and goes on with wasm/,
    ],
  ])('is said to have another %s', async (_what, machine, override, notice) => {
    await withFolder(async (folder) => {
      const { goOn } = await stoppedRun(folder);
      const { notices } = await goOn(machine, override);
      expect(notices).toEqual([expect.stringMatching(notice)]);
    });
  });

  it('stays the one that was named when it goes on once more', async () => {
    await withFolder(async (folder) => {
      const { place, goOn } = await stoppedRun(folder, { training: { steps: STEPS, batch: 2 } });
      const both = { backends: { onnxruntime: '1', wasm: '1' } };
      await goOn(both, { backend: 'wasm' });
      // Killed after its last checkpoint, and without what says how it began.
      rmSync(join(place, 'result.json'));
      rmSync(manifestOf(place));
      const { result, notices } = await goOn(both);
      expect(result.backend.name).toBe('wasm');
      expect(notices).toEqual([]);
    });
  });
});
