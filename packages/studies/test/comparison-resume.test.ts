/** A comparison that is stopped and goes on gives the table that it would have given. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunConfigInput } from '@ligature/core';
import { resumeTrial, runTrial } from '@ligature/run';
import { describe, expect, it } from 'vitest';
import { compareTrials, resumeComparison, type Comparison, type TrialsOptions } from '../src/index.js';
import { environment, tinyConfig, withFolder } from '../../run/test/tiny-run.js';

const OVERRIDES: RunConfigInput = {
  compare: { controllers: ['none', 'random'], seeds: 2 },
  training: { steps: 4 },
  checkpoint: { every: 1 },
};

/** Runs trials in this process, counted by name; `stopIn` is stopped after its second step. */
function executor(folder: string, { stopIn, failIn }: { stopIn?: string; failIn?: string } = {}) {
  const ran: string[] = [];
  const stop = new AbortController();
  const execute: TrialsOptions['execute'] = (plan, place, { begun }) => {
    ran.push(begun ? `${plan.folderName}, begun` : plan.folderName);
    if (plan.folderName === failIn) return Promise.reject(new Error('out of luck'));
    const env = environment(folder, {
      signal: stop.signal,
      listen: (bus) =>
        void bus.events$.subscribe((event) => {
          if (plan.folderName === stopIn && event.type === 'step.completed' && event.step === 2) stop.abort();
        }),
    });
    return begun ? resumeTrial(place, env) : runTrial(plan.config, place, env);
  };
  return { ran, execute, signal: stop.signal };
}

/** All but what is measured with a clock or a memory meter, and where it lies. */
const comparable = (comparison: Comparison): unknown =>
  JSON.parse(
    JSON.stringify(comparison, (key, value: unknown) =>
      [
        ...['folder', 'memory', 'tokensPerSecond', 'trainingSeconds', 'summary'],
        ...['peakBackendBytes', 'peakResidentBytes'],
      ].includes(key)
        ? undefined
        : value,
    ),
  );

describe('a comparison', () => {
  it('that was stopped in a trial repeats no finished one, and gives the same table', async () => {
    await withFolder(async (folder) => {
      const config = tinyConfig(folder, OVERRIDES);
      const whole = await compareTrials(config, { ...executor(folder), folder: join(folder, 'whole') });
      const cut = join(folder, 'cut');
      const first = executor(folder, { stopIn: 'random-seed-1' });
      expect((await compareTrials(config, { ...first, folder: cut })).trials).toHaveLength(1);
      const second = executor(folder);
      const resumed = await resumeComparison({ ...second, folder: cut });
      expect(second.ran).toEqual(['random-seed-1, begun', 'none-seed-2', 'random-seed-2']);
      expect(comparable(resumed)).toEqual(comparable(whole));
      expect(existsSync(join(cut, 'run.lock'))).toBe(false);
      // Once more: there is nothing left to do.
      const third = executor(folder);
      expect(comparable(await resumeComparison({ ...third, folder: cut }))).toEqual(comparable(whole));
      expect(third.ran).toEqual([]);
    });
  }, 60_000);

  it('goes on after a trial that failed, which alone is run when it is resumed', async () => {
    await withFolder(async (folder) => {
      const config = tinyConfig(folder, { ...OVERRIDES, training: { steps: 1 } });
      const place = join(folder, 'c');
      const first = await compareTrials(config, {
        ...executor(folder, { failIn: 'random-seed-1' }),
        folder: place,
      });
      expect(first.failed).toEqual([{ controller: 'random', seed: 1, message: 'out of luck' }]);
      expect(first.trials).toHaveLength(3);
      // A result of another configuration is none of this comparison's.
      const path = join(place, 'none-seed-1', 'result.json');
      writeFileSync(path, readFileSync(path, 'utf8').replace('"batch": 2', '"batch": 3'));
      const second = executor(folder);
      const resumed = await resumeComparison({ ...second, folder: place });
      expect(second.ran).toEqual(['none-seed-1, begun', 'random-seed-1']);
      expect(resumed.failed).toEqual([]);
      expect(resumed.trials.map(({ controller, seed }) => `${controller} ${seed}`)).toEqual([
        ...['none 1', 'random 1', 'none 2', 'random 2'],
      ]);
    });
  }, 60_000);

  it('without a whole plan is refused', async () => {
    await withFolder(async (folder) => {
      writeFileSync(join(folder, 'plan.json'), '{"format": 1}');
      const { execute } = executor(folder);
      await expect(resumeComparison({ execute, folder })).rejects.toThrow(/plan.json is damaged/);
    });
  });
});
