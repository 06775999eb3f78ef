/** A landscape of two layers, trained: every map has been, and a stopped one gives the table that it would have given. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { landscapeSettingsSchema, resumeLandscape, studyKind, trainLandscape } from '../../src/index.js';
import { executor, plain } from '../studies.js';
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
      const whole = await trainLandscape(config, settings, {
        ...executor(folder),
        folder: join(folder, 'whole'),
      });
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
      const first = await trainLandscape(config, settings, {
        ...executor(folder, '0-1-seed-1'),
        folder: cut,
      });
      expect(first.unfinished).toBe(2);
      expect(studyKind(cut)).toBe('landscape');
      const second = executor(folder);
      const resumed = await resumeLandscape({ ...second, folder: cut });
      expect(second.ran).toEqual(['0-1-seed-1, begun', 'random-seed-1']);
      expect(plain(resumed)).toEqual(plain(whole));
      expect(JSON.parse(readFileSync(join(cut, 'landscape.json'), 'utf8'))).toEqual(plain(whole));
    });
  }, 60_000);
});
