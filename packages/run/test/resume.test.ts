/**
 * A run that was stopped and resumed equals one that never was: final weights, moments and state to the last bit,
 * and the event log line by line, timings aside.
 */
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, type LigatureEvent, type RunConfigInput } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { resumeTrial, runTrial } from '../src/index.js';
import { base, lines, remains, run, STEPS } from './resumed-run.js';
import { environment, hearing, tinyConfig, withFolder } from './tiny-run.js';

const kinds: Record<string, RunConfigInput> = {
  none: { controller: 'none' },
  map: { controller: { name: 'map', options: { map: '0-0-2-2' } } },
  random: { controller: 'random' },
  'random in fresh probe batches': { controller: 'random', tying: { window: 3, probe: 'fresh-train' } },
  'q-learning': { controller: 'q-learning' },
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
      await run(folder, 'run', { controller: 'none' }, []);
      const place = join(folder, 'run');
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

  it.each([
    ['train', 'Line 3 says', 'Line 3 sayz'],
    ['validation', 'Line 55 says', 'Line 55 sayz'],
    ['test', 'Line 59 says', 'Line 59 sayz'],
  ])('refuses a text whose %s split alone has changed, and names it', async (split, was, is) => {
    await withFolder(async (folder) => {
      const env = environment(folder);
      await run(folder, 'run', { controller: 'none' }, []);
      const text = join(folder, 'text.txt');
      const original = readFileSync(text, 'utf8');
      expect(original).toContain(was);
      writeFileSync(text, original.replace(was, is));
      await expect(resumeTrial(join(folder, 'run'), env)).rejects.toMatchObject({
        name: 'InputError',
        code: 'run-data-changed',
        message: expect.stringContaining(`its data (${split}) is not`) as string,
      });
      writeFileSync(text, original);
      expect((await resumeTrial(join(folder, 'run'), env)).outcome).toBe('completed');
    });
  });

  it('has nothing left to do for a run that was complete', async () => {
    await withFolder(async (folder) => {
      await run(folder, 'run', { controller: 'none' }, []);
      const before = remains(join(folder, 'run'));
      const again = await resumeTrial(join(folder, 'run'), environment(folder));
      expect(again).toMatchObject({ outcome: 'completed', steps: STEPS });
      expect(remains(join(folder, 'run'))).toEqual(before);
    });
  });
});
