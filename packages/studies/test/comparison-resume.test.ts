/** A comparison that is stopped and goes on gives the table that it would have given. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunConfigInput } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import type { Comparison } from '../src/index.js';
import { conduct, goOn, trials } from './studies.js';
import { tinyConfig, withFolder } from '../../run/test/tiny-run.js';

const OVERRIDES: RunConfigInput = {
  compare: { controllers: ['none', 'random'], seeds: 2 },
  training: { steps: 4 },
  checkpoint: { every: 1 },
};

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
      const whole = await conduct<Comparison>(
        'comparison',
        config,
        {},
        join(folder, 'whole'),
        trials(folder),
      );
      const cut = join(folder, 'cut');
      const first = trials(folder, { stopIn: 'random-seed-1' });
      expect((await conduct<Comparison>('comparison', config, {}, cut, first)).trials).toHaveLength(1);
      const second = trials(folder);
      const resumed = await goOn<Comparison>(cut, second);
      expect(second.ran).toEqual(['random-seed-1, begun', 'none-seed-2', 'random-seed-2']);
      expect(comparable(resumed)).toEqual(comparable(whole));
      expect(existsSync(join(cut, 'run.lock'))).toBe(false);
      // Once more: there is nothing left to do.
      const third = trials(folder);
      expect(comparable(await goOn<Comparison>(cut, third))).toEqual(comparable(whole));
      expect(third.ran).toEqual([]);
    });
  }, 60_000);

  it('goes on after a trial that failed, which alone is run when it is resumed', async () => {
    await withFolder(async (folder) => {
      const config = tinyConfig(folder, { ...OVERRIDES, training: { steps: 1 } });
      const place = join(folder, 'c');
      const first = await conduct<Comparison>(
        'comparison',
        config,
        {},
        place,
        trials(folder, { failIn: 'random-seed-1' }),
      );
      expect(first.failed).toEqual([{ controller: 'random', seed: 1, message: 'out of luck' }]);
      expect(first.trials).toHaveLength(3);
      // A result of another configuration is none of this comparison's.
      const path = join(place, 'none-seed-1', 'result.json');
      writeFileSync(path, readFileSync(path, 'utf8').replace('"batch": 2', '"batch": 3'));
      const second = trials(folder);
      const resumed = await goOn<Comparison>(place, second);
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
      await expect(goOn(folder, trials(folder))).rejects.toThrow(/plan.json is damaged/);
    });
  });
});
