/**
 * A run that was stopped and resumed equals one that never was: final weights, moments and state to the last bit,
 * and the event log line by line, timings aside.
 */
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, type LigatureEvent, type RunConfigInput, type SplitName } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { evaluateRun, resumeTrial, runTrial, type RunEnvironment } from '../src/index.js';
import { base, lines, remains, run, STEPS } from './resumed-run.js';
import { environment, hearing, tinyConfig, withFolder } from './tiny-run.js';

const kinds: Record<string, RunConfigInput> = {
  none: { controller: 'none' },
  map: { controller: { name: 'map', options: { map: '0-0-2-2' } } },
  random: { controller: 'random' },
  'random in fresh probe batches': { controller: 'random', tying: { window: 3, probe: 'fresh-train' } },
  'q-learning': { controller: 'q-learning' },
  'random, frozen at half': { controller: 'random', tying: { window: 3, until: 0.5 } },
  'q-learning, frozen at half': { controller: 'q-learning', tying: { window: 3, until: 0.5 } },
  'q-learning with replay, target network and kept moments': {
    controller: {
      name: 'q-learning',
      options: { replay: { capacity: 20, batch: 3 }, targetNetwork: { every: 2 }, doubleQ: true },
    },
    tying: { window: 3, moments: 'keep', untie: 'reinitialize', probe: 'fresh-train' },
  },
  'q-learning over whole maps': { controller: { name: 'q-learning', options: { decide: 'all' } } },
  'the official profile': {
    controller: 'q-learning',
    tokenizer: { name: 'byte', options: { bos: true, eos: true } },
    tying: { window: 3, profile: 'official', gradient: 'source-only', probe: 'fresh-train' },
  },
};

/** Each with another state: slots of other names, or none; weights that do not train; weights of single layers. */
const learners: Record<string, RunConfigInput> = {
  'SGD with momentum': { optimizer: 'sgd' },
  'SGD without': { optimizer: { name: 'sgd', momentum: 0 } },
  Muon: { optimizer: 'muon' },
  'frozen weights': { training: { ...base.training, freeze: ['transformer.wte.*', '*.ln_1.*'] } },
  LoRA: { adapters: [{ name: 'lora', rank: 2 }] },
};

const SPLITS: readonly [SplitName, string, string][] = [
  ['train', 'Line 3 says', 'Line 3 sayz'],
  ['validation', 'Line 55 says', 'Line 55 sayz'],
  ['test', 'Line 59 says', 'Line 59 sayz'],
];

describe('resuming', () => {
  it.each(Object.entries(kinds))('is exact for %s', async (_name, overrides) => {
    await withFolder(async (folder) => {
      const whole = await run(folder, 'whole', overrides, []);
      const expected = remains(join(folder, 'whole'));
      // In the middle of a window, at its end, right after a checkpoint and an evaluation; and twice.
      const learner = overrides === kinds['q-learning'];
      for (const stops of learner ? [[1], [2], [3], [4], [5], [6], [7, 10]] : [[4], [7, 9]]) {
        const name = `stopped-${stops.join('-')}`;
        const result = await run(folder, name, overrides, stops);
        expect({ stops, ...remains(join(folder, name)) }).toEqual({ stops, ...expected });
        expect(result.losses).toEqual(whole.losses);
        expect(result.tieMaps).toEqual(whole.tieMaps);
        expect(result.test).toEqual(whole.test);
        expect(result.tokens).toBe(whole.tokens);
      }
    });
  });

  it.each(Object.entries(learners))('is exact for %s', async (_name, overrides) => {
    await withFolder(async (folder) => {
      const own = { controller: 'random', ...overrides };
      const whole = await run(folder, 'whole', own, []);
      const plain = await run(folder, 'plain', { controller: 'random' }, []);
      expect(whole.losses).not.toEqual(plain.losses);
      const resumed = await run(folder, 'resumed', own, [5, 9]);
      expect(resumed.losses).toEqual(whole.losses);
      expect(remains(join(folder, 'resumed'))).toEqual(remains(join(folder, 'whole')));
    });
  });

  it('is exact for a budget of FLOPs, under tie maps that cost different amounts', async () => {
    await withFolder(async (folder) => {
      const overrides: RunConfigInput = {
        controller: 'random',
        tying: { window: 3, gradient: 'source-only' },
      };
      const { trainingFlops = 0, ledger } = await run(folder, 'steps', overrides, []);
      expect(trainingFlops).not.toBe(STEPS * 2 * ledger.flops.step);
      // Spent with the twelfth step, whatever the learning rates on the way.
      const budget = { kind: 'flops', amount: trainingFlops - 1 } as const;
      const spending = { ...overrides, training: { ...base.training, steps: 1, budget } };
      const whole = await run(folder, 'whole', spending, []);
      expect(whole).toMatchObject({ steps: STEPS, trainingFlops });
      // In the middle of a window, and at its end.
      const resumed = await run(folder, 'resumed', spending, [7, 9]);
      expect(resumed).toMatchObject({ steps: STEPS, trainingFlops });
      expect(remains(join(folder, 'resumed'))).toEqual(remains(join(folder, 'whole')));
    });
  });

  it('has runs that tie and untie in what it proves', async () => {
    await withFolder(async (folder) => {
      await run(folder, 'run', kinds['q-learning'] as RunConfigInput, []);
      const events = lines(join(folder, 'run')).map((line) => JSON.parse(line) as LigatureEvent);
      const applied = events.filter((event) => event.type === 'tying.applied');
      expect(applied.some(({ tied }) => tied > 0)).toBe(true);
      expect(applied.length).toBe(STEPS / 3);
    });
  });

  it('takes the checkpoint before a damaged one, and cuts a torn log', async () => {
    await withFolder(async (folder) => {
      const overrides = kinds['q-learning'] as RunConfigInput;
      await run(folder, 'whole', overrides, []);
      const config = tinyConfig(folder, { ...base, ...overrides });
      const place = join(folder, 'torn');
      const abort = new AbortController();
      const listen = (bus: Parameters<NonNullable<ReturnType<typeof environment>['listen']>>[0]): void =>
        void bus.on('step.completed').subscribe(({ step }) => step === 9 && abort.abort());
      await runTrial(config, place, environment(folder, { signal: abort.signal, listen }));
      const newest = join(place, 'checkpoints', 'step-000009', 'state.safetensors');
      truncateSync(newest, readFileSync(newest).length - 3);
      writeFileSync(join(place, 'events.jsonl'), '{"type":"step.compl', { flag: 'a' });
      const heard: LigatureEvent[] = [];
      await resumeTrial(
        place,
        environment(
          folder,
          hearing((event) => heard.push(event)),
        ),
      );
      const resumed = heard.filter((event) => event.type === 'run.resumed');
      // A run that goes on does not say again how it began.
      expect(heard.some(({ type }) => type === 'run.started')).toBe(false);
      expect(resumed).toMatchObject([{ step: 8, steps: STEPS }]);
      expect(resumed[0]?.tieMap).toHaveLength(4);
      expect(heard[0]).toMatchObject({
        type: 'stage.entered',
        message: expect.stringMatching(/damaged checkpoint step-000009/) as string,
      });
      expect(remains(place)).toEqual(remains(join(folder, 'whole')));
    });
  });

  it('refuses a text that has changed, a log with a gap, and a folder without a run', async () => {
    await withFolder(async (folder) => {
      const env = environment(folder);
      const place = await stopped(folder);
      const text = join(folder, 'text.txt');
      const original = readFileSync(text, 'utf8');
      writeFileSync(text, original.replace('Line 3 ', 'Line three '));
      await expect(resumeTrial(place, env)).rejects.toMatchObject({ code: 'run-data-changed' });
      writeFileSync(text, original);
      truncateSync(join(place, 'events.jsonl'), 100);
      await expect(resumeTrial(place, env)).rejects.toMatchObject({ code: 'run-log-short' });
      await expect(resumeTrial(folder, env)).rejects.toThrow(InputError);
    });
  });

  it.each(SPLITS)(
    'refuses a text whose %s split alone has changed, and names it; so does measuring it',
    async (split, was, is) => {
      await withFolder(async (folder) => {
        const place = await stopped(folder);
        const text = join(folder, 'text.txt');
        const original = readFileSync(text, 'utf8');
        const heard: LigatureEvent[] = [];
        const env = environment(
          folder,
          hearing((event) => heard.push(event)),
        );
        const measured = await evaluateRun(place, { split }, env);
        expect(original).toContain(was);
        writeFileSync(text, original.replace(was, is));
        const changed = {
          name: 'InputError',
          code: 'run-data-changed',
          message: expect.stringContaining(`its data (${split}) is not`) as string,
        };
        await expect(resumeTrial(place, env)).rejects.toMatchObject(changed);
        await expect(evaluateRun(place, { split }, env)).rejects.toMatchObject(changed);
        expect(heard.filter(({ type }) => type === 'notice.raised')).toEqual([]);
        // What has not changed is measured as before, and the other is said.
        const other = split === 'test' ? 'validation' : 'test';
        await evaluateRun(place, { split: other }, env);
        expect(heard.filter(({ type }) => type === 'notice.raised')).toMatchObject([
          { message: `the data of the run (${split}) has changed since; its ${other} data is as it was` },
        ]);
        writeFileSync(text, original);
        expect(await evaluateRun(place, { split }, env)).toEqual(measured);
        expect((await resumeTrial(place, environment(folder))).outcome).toBe('completed');
      });
    },
  );

  it('does not touch a run that was completed, whatever has become of its data', async () => {
    await withFolder(async (folder) => {
      const result = await run(folder, 'run', { controller: 'none' }, []);
      writeFileSync(join(folder, 'text.txt'), 'gone');
      const before = filesOf(join(folder, 'run'));
      const again = await resumeTrial(join(folder, 'run'), environment(folder), { backend: 'wasm' });
      expect(again).toEqual(result);
      expect(filesOf(join(folder, 'run'))).toEqual(before);
    });
  });

  it.each([
    ['before its result was written', (place: string) => rmSync(join(place, 'result.json'))],
    ['while it was', (place: string) => truncateSync(join(place, 'result.json'), 40)],
    [
      'before its last line was, too',
      (place: string) => {
        rmSync(join(place, 'result.json'));
        const log = join(place, 'events.jsonl');
        const text = readFileSync(log, 'utf8').trimEnd();
        truncateSync(log, text.lastIndexOf('\n') + 1);
      },
    ],
  ])('finishes a run that was killed after its last checkpoint, %s', async (_when, kill) => {
    await withFolder(async (folder) => {
      const place = join(folder, 'run');
      const { memory, ...whole } = await run(folder, 'run', { controller: 'random' }, []);
      // Whatever the order of fields: what is read from a file has that of its schema.
      const left = { ...remains(place), state: JSON.parse(remains(place)['state'] as string) as unknown };
      kill(place);
      const { memory: later, ...again } = await resumeTrial(place, environment(folder));
      expect(again).toEqual(whole);
      expect(later.backendBytes).toBe(memory.backendBytes);
      const { state, ...rest } = remains(place);
      expect({ ...rest, state: JSON.parse(state as string) as unknown }).toEqual(left);
    });
  });
});

/** A run that has not come to its end. @returns its folder */
async function stopped(folder: string): Promise<string> {
  const abort = new AbortController();
  const listen: RunEnvironment['listen'] = (bus) =>
    void bus.on('step.completed').subscribe(({ step }) => step === 5 && abort.abort());
  const place = join(folder, 'run');
  const config = tinyConfig(folder, { ...base, controller: 'none' });
  await runTrial(config, place, environment(folder, { signal: abort.signal, listen }));
  return place;
}

/** Every file with its content and the moment of its last change. */
const filesOf = (folder: string): unknown =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => [path, readFileSync(path, 'base64'), statSync(path).mtimeMs]);
