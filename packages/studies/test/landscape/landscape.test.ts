/** A landscape of two layers, trained: every map has been, and a stopped one gives the table that it would have given. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { landscapeSettingsSchema, readStudy, type Landscape } from '../../src/index.js';
import { conduct, goOn, plain, trials } from '../studies.js';
import { tinyConfig, withFolder } from '../../../run/test/tiny-run.js';

describe('a landscape', () => {
  it('that was stopped goes on with the trial that was stopped, and gives the same numbers', async () => {
    await withFolder(async (folder) => {
      const config = tinyConfig(folder, {
        compare: { seeds: 1 },
        training: { steps: 3 },
        checkpoint: { every: 1 },
      });
      const settings = landscapeSettingsSchema.parse({ controllers: [{ name: 'random', options: {} }] });
      const whole = await conduct<Landscape>(
        'landscape',
        config,
        settings,
        join(folder, 'whole'),
        trials(folder),
      );
      expect(whole.maps.map(({ label }) => label).sort()).toEqual(['0-0', '0-1']);
      expect(whole.seeds).toEqual([1]);
      expect(whole.unfinished).toBe(0);
      const [tied, own] = ['0-0', '0-1'].map((label) => whole.maps.find((map) => map.label === label)!);
      // A block of width 8: 12 w^2 + 13 w = 872 parameters; the second one is what the maps differ in.
      expect(own!.uniqueParameters - tied!.uniqueParameters).toBe(872);
      expect(whole.controllers[0]?.seeds).toHaveLength(1);
      expect(existsSync(join(folder, 'whole', '0-0-seed-1', 'result.json'))).toBe(true);
      expect(existsSync(join(folder, 'whole', '0-0-seed-1', 'checkpoints'))).toBe(false);

      const cut = join(folder, 'cut');
      const first = await conduct<Landscape>(
        'landscape',
        config,
        settings,
        cut,
        trials(folder, { stopIn: '0-1-seed-1' }),
      );
      expect(first.unfinished).toBe(2);
      expect(readStudy(cut).study).toBe('landscape');
      const second = trials(folder);
      const resumed = await goOn<Landscape>(cut, second);
      expect(second.ran).toEqual(['0-1-seed-1, begun', 'random-seed-1']);
      expect(plain(resumed)).toEqual(plain(whole));
      expect(JSON.parse(readFileSync(join(cut, 'landscape.json'), 'utf8'))).toEqual(plain(whole));
    });
  }, 60_000);
});
