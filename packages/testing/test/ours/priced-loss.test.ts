/** Where tying costs no loss, size is learnt by its price alone. */
import {
  canonicalTieMap,
  createRandomStream,
  type Controller,
  type RewardProbe,
  type TieMap,
} from '@ligature/core';
import { createQLearning } from '@ligature/controller-q-learning';
import { createPricedLoss } from '@ligature/evaluators';
import { worldContext, worldObservation } from '@ligature/testing';
import { describe, expect, it } from 'vitest';

const BLOCK = 50_000;
const options = { price: 0.4, charge: 'change', decay: 0, clip: null } as const;

const probeOf = (loss: number): RewardProbe => ({
  window: 0,
  losses: [],
  heldOutLoss: () => Promise.resolve(loss),
  heldOutMetric: () => Promise.reject(new Error('nobody asks')),
});

describe('priced-loss', () => {
  it.each([
    // 0.4 a million: a block of 50 000 is worth 0.02. Four blocks, three, four again, while the loss falls by 0.1.
    ['change', [0, 0.12, 0.08]],
    ['rent', [-0.08, 0.1 - 0.06, 0.1 - 0.08]],
  ] as const)('charges by %s', async (charge, expected) => {
    let blocks = 4;
    const reward = createPricedLoss({ ...options, charge }, () => blocks * BLOCK);
    for (const [window, earned] of expected.entries()) {
      blocks = window === 1 ? 3 : 4;
      const measured = await reward.measure(probeOf(5 - 0.1 * window));
      expect(measured.reward).toBeCloseTo(earned, 12);
    }
  });

  it.each([
    ['with a price the last map is small', 0.4, 2, 0],
    ['without one it is as it comes', 0, 8, 2.01],
  ])(
    '%s',
    async (_, price, most, least) => {
      let sum = 0;
      for (const seed of [1, 2, 3, 4, 5]) sum += new Set(await lastMap(price, seed)).size / 5;
      expect(sum).toBeLessThanOrEqual(most);
      expect(sum).toBeGreaterThanOrEqual(least);
    },
    120_000,
  );
});

/** 400 windows of 6 layers whose loss falls whatever the map, with a noise of 0.007 nats a window. */
async function lastMap(price: number, seed: number): Promise<TieMap> {
  const windows = 400;
  const controller: Controller = createQLearning({ hidden: 32 }, worldContext(6, seed));
  const random = createRandomStream(seed, 'policy');
  const noise = createRandomStream(seed, 'noise');
  let tieMap: TieMap = [0, 1, 2, 3, 4, 5];
  let loss = 6;
  const reward = createPricedLoss({ ...options, price }, () => new Set(tieMap).size * BLOCK);
  for (let window = 0; window < windows; window += 1) {
    const observation = worldObservation(window, tieMap, [], window / windows);
    const decision = (await controller.decide?.(observation, random)) ?? { kind: 'keep' };
    if (decision.kind === 'map') tieMap = canonicalTieMap(decision.tieMap);
    if (decision.kind === 'layer') {
      tieMap = canonicalTieMap(tieMap.map((one, at) => (at === decision.layer ? decision.source : one)));
    }
    loss -= 0.01 * Math.exp((-5 * window) / windows) + noise.normal(0, 0.007);
    const { reward: earned } = await reward.measure(probeOf(loss));
    const next = worldObservation(window + 1, tieMap, [], (window + 1) / windows);
    const end = { terminated: false, truncated: false };
    await controller.learn?.({ observation, decision, reward: earned, next, ...end });
  }
  return tieMap;
}
