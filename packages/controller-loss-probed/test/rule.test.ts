/** The decision rule, in worlds where the right answer is known. */
import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { live } from './world.js';

/** Layer 2 needs a block of its own; sharing any other costs nothing. */
const layerTwoMatters = (tieMap: readonly number[]): number => (tieMap[2] === 2 ? 0 : -1);

describe('tie, watch, take back', () => {
  it('only watches at first, then ties layer after layer where it costs nothing', async () => {
    const maps = await live({ layers: 4, windows: 6, reward: () => 0, options: { warmup: 3, keep: 1 } });
    assert.deepEqual(maps, ['0-1-2-3', '0-1-2-3', '0-1-2-3', '0-0-2-3', '0-0-0-3', '0-0-0-0']);
  });

  it('takes a tie back in the window after the one that suffered', async () => {
    const maps = await live({ layers: 4, windows: 6, reward: layerTwoMatters, options: { warmup: 1 } });
    // Window 0 watches, 1 ties layer 2, 2 takes that back (instead of layer 3's turn), 3 ties layer 1.
    assert.deepEqual(maps, ['0-1-2-3', '0-1-1-3', '0-1-2-3', '0-0-2-3', '0-0-2-3', '0-0-2-2']);
  });

  it('tries a layer that failed again after one sweep, then two, then four', async () => {
    const options = { warmup: 1, keep: 1 };
    const maps = await live({ layers: 4, windows: 45, reward: layerTwoMatters, options });
    const tries = maps.flatMap((map, window) => (map.split('-')[2] === '2' ? [] : [Math.floor(window / 3)]));
    // In sweeps of three windows: 1 + 1 lie between the first two tries, then 1 + 2, then 1 + 4.
    assert.deepEqual(tries, [0, 2, 5, 10]);
    assert.equal(maps.at(-1), '0-0-2-2');
  });

  it('forgives what lies within the tolerance of how much rewards scatter', async () => {
    // Scatters by one around 0, and falls by three under a tie.
    const reward = (tieMap: readonly number[], window: number): number =>
      (window % 2 === 0 ? 1 : -1) - (tieMap.some((source, layer) => source !== layer) ? 3 : 0);
    const after = async (tolerance: number): Promise<string[]> =>
      (await live({ layers: 3, windows: 10, reward, options: { warmup: 8, tolerance, keep: 1 } })).slice(-2);
    assert.deepEqual(await after(1), ['0-0-2', '0-1-2']);
    assert.deepEqual(await after(5), ['0-0-2', '0-0-0']);
  });

  it('leaves the last blocks alone', async () => {
    const maps = await live({ layers: 12, windows: 40, reward: () => 0, options: { keep: 3 } });
    assert.equal(new Set(maps.at(-1)!.split('-')).size, 3);
  });

  it('draws partners from the stream that it is given', async () => {
    const run = (seed: number): Promise<string[]> =>
      live({ layers: 12, windows: 15, reward: () => 0, options: { partner: 'any' }, seed });
    assert.deepEqual(await run(1), await run(1));
    assert.notDeepEqual(await run(1), await run(2));
  });
});
