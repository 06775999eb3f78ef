import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tinyConfig, withFolder } from '../../run/test/tiny-run.js';
import type { Comparison } from '../src/index.js';
import { conduct, trials } from './studies.js';

describe('a comparison', () => {
  it('goes on after a trial that failed, and reports it', async () => {
    await withFolder(async (folder) => {
      const config = tinyConfig(folder, {
        compare: { controllers: ['none', 'all-tied'], seeds: 2 },
        training: { steps: 1 },
      });
      const by = trials(folder, { failIn: 'none-seed-2' });
      const comparison = await conduct<Comparison>('comparison', config, {}, folder, by);
      expect(comparison.failed).toEqual([{ controller: 'none', seed: 2, message: 'out of luck' }]);
      expect(comparison.rows.map(({ controller, seeds }) => [controller, seeds])).toEqual([
        ['none', [1]],
        ['all-tied', [1, 2]],
      ]);
      expect(comparison.rows[0]?.reduction.mean).toBe(0);
      // Two layers of width 8, all tied: one block of 12d² + 13d is saved.
      const saved = 12 * 8 * 8 + 13 * 8;
      const total = comparison.rows[0]?.uniqueParameters.mean as number;
      expect(comparison.rows[1]?.uniqueParameters.mean).toBe(total - saved);
      expect(JSON.parse(readFileSync(join(folder, 'comparison.json'), 'utf8'))).toEqual(
        JSON.parse(JSON.stringify(comparison)),
      );
    });
  });

  it('stops between trials when it is told to', async () => {
    await withFolder(async (folder) => {
      const abort = new AbortController();
      const config = tinyConfig(folder, {
        compare: { controllers: ['none', 'all-tied'] },
        training: { steps: 1 },
      });
      const by = trials(folder);
      const comparison = await conduct<Comparison>('comparison', config, {}, folder, {
        signal: abort.signal,
        run: (place) => async (order, on, stop) => {
          const result = await by.run(place)(order, on, stop);
          abort.abort();
          return result;
        },
      });
      expect(comparison.trials.map(({ controller }) => controller)).toEqual(['none']);
    });
  });
});
