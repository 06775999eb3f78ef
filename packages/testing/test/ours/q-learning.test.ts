/** What the Q-learner does in a whole run, in worlds with a known answer. */
import { createQLearning } from '@ligature/controller-q-learning';
import { playPlanted, playWorld, randomControl, worldContext } from '@ligature/testing';
import { describe, expect, it } from 'vitest';

describe('the end of exploration', () => {
  it('is at half of the budget: one map, which stays', async () => {
    for (const seed of [1, 2, 3]) {
      const { decisions, maps } = await playWorld(createQLearning({}, worldContext(4, seed)), {
        layers: 4,
        windows: 60,
        reward: (map) => -Math.abs(new Set(map).size - 2),
      });
      expect(decisions[30]).toMatchObject({ kind: 'map', notes: { explored: false, epsilon: 0 } });
      for (const decision of decisions.slice(31)) expect(decision).toEqual({ kind: 'keep' });
      expect(new Set(maps.slice(30).map((map) => map.join())).size).toBe(1);
      expect(decisions.slice(0, 30).every(({ kind }) => kind === 'layer')).toBe(true);
    }
  });
});

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
