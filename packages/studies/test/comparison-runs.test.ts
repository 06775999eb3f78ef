import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTrial } from '@ligature/run';
import { describe, expect, it } from 'vitest';
import { environment, tinyConfig, withFolder } from '../../run/test/tiny-run.js';
import { compareTrials, type TrialPlan } from '../src/index.js';

describe('a comparison', () => {
  it('goes on after a trial that failed, and reports it', async () => {
    await withFolder(async (folder) => {
      const config = tinyConfig(folder, {
        compare: { controllers: ['none', 'all-tied'], seeds: 2 },
        training: { steps: 1 },
      });
      const execute = (plan: TrialPlan, run: string) =>
        plan.folderName === 'none-seed-2'
          ? Promise.reject(new Error('out of memory'))
          : runTrial(plan.config, run, environment(folder));
      const comparison = await compareTrials(config, { execute, folder });
      expect(comparison.failed).toEqual([{ controller: 'none', seed: 2, message: 'out of memory' }]);
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
      const comparison = await compareTrials(config, {
        folder,
        signal: abort.signal,
        execute: async (plan, run) => {
          const result = await runTrial(plan.config, run, environment(folder));
          abort.abort();
          return result;
        },
      });
      expect(comparison.trials.map(({ controller }) => controller)).toEqual(['none']);
    });
  });
});
