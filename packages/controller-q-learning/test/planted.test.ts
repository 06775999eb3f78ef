/** A preference as large as it takes is found through the noise of real windows; docs/controllers/q-learning.md has more. */
import { playPlanted, randomControl, worldContext } from '@ligature/testing';
import { describe, expect, it } from 'vitest';
import { createQLearning } from '../src/index.js';

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

const learntBy = async (make: (seed: number) => Parameters<typeof playPlanted>[0]): Promise<number> => {
  let learnt = 0;
  for (const seed of SEEDS) if ((await playPlanted(make(seed), { size: 0.02, seed })).learnt) learnt += 1;
  return learnt;
};

describe('a planted preference of 0.02 nats a window', () => {
  it('is learnt in at least 9 of 10 seeds', async () => {
    expect(await learntBy((seed) => createQLearning({}, worldContext(8, seed)))).toBeGreaterThanOrEqual(9);
  }, 300_000);

  it('is not found by chance, nor by the published settings', async () => {
    expect(await learntBy(() => randomControl)).toBeLessThanOrEqual(2);
    expect(
      await learntBy((seed) => createQLearning({ preset: 'paper' }, worldContext(8, seed))),
    ).toBeLessThanOrEqual(4);
  }, 300_000);
});
