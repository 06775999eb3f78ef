/** Controllers whose own schedule ends at the share at which `tying.until` ends tying: the last decision is still made. */
import { plugin as lossProbed } from '@ligature/controller-loss-probed';
import { independentLayers, type RunConfigInput } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { tinyRun, withFolder } from '../packages/run/test/tiny-run.js';

const BLOCKS = 2;
const schedule = { blocks: BLOCKS, from: 0, until: 0.5 };

describe.each<[string, RunConfigInput['controller']]>([
  ['random-merging', { name: 'random-merging', options: schedule }],
  ['random-adjacent-merging', { name: 'random-adjacent-merging', options: schedule }],
  ['loss-probed', { name: 'loss-probed', options: { ...schedule, batches: 1 } }],
  ['q-learning', { name: 'q-learning', options: { blocks: BLOCKS, until: 0.5 } }],
])('%s with until 0.5 under tying.until 0.5', (_, controller) => {
  it.each([
    // Windows that open at the share exactly, and ones that step over it: of 10 steps at 0.4 and 0.8.
    { window: 1, last: 5 },
    { window: 4, last: 2 },
  ])('ends at its number of blocks, with windows of $window steps', async ({ window, last }) => {
    await withFolder(async (folder) => {
      const config = { controller, model: { layers: 5 }, training: { steps: 10 } };
      const { events, result } = await tinyRun(folder, { ...config, tying: { window, until: 0.5 } }, [
        lossProbed,
      ]);
      const windows = (type: 'tying.decided' | 'tying.frozen' | 'reward.measured') =>
        events.flatMap((one) => (one.type === type ? [one.window] : []));
      expect(independentLayers(result.tieMap)).toHaveLength(BLOCKS);
      expect(windows('tying.decided').at(-1)).toBe(last);
      expect(windows('tying.frozen')).toEqual([last]);
      // What came of the last decision nobody learns.
      expect(Math.max(...windows('reward.measured'), 0)).toBeLessThan(last);
    });
  });
});
