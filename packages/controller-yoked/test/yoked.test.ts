/** The same transitions, the same rewards, but not for what was done. */
import { createRandomStream, defineController, definePlugin } from '@ligature/core';
import type { Transition } from '@ligature/core';
import { createQLearning } from '@ligature/controller-q-learning';
import { playPlanted, playWorld, worldContext } from '@ligature/testing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { makeYoked } from './support.js';

/** A learner that writes down what it is told, and one that learns nothing. */
function listening() {
  const told: Transition[] = [];
  const meta = { summary: 'writes down what it is told', options: z.strictObject({}) };
  const state = { snapshot: () => told.length, restore: () => undefined };
  const listener = defineController({
    meta,
    create: () => ({
      ...state,
      decide: ({ layer }, random) => ({
        kind: 'layer',
        layer: layer!,
        source: random.integer(0, layer! + 1),
      }),
      learn: (transition) => {
        told.push(transition);
        return { told: told.length };
      },
    }),
  });
  const deaf = defineController({ meta, create: () => state });
  return {
    told,
    plugin: definePlugin({ name: 'listening', version: '1.0.0', controllers: { listener, deaf } }),
  };
}

const world = { layers: 4, windows: 40, reward: (_map: unknown, window: number) => window };

describe('yoked', () => {
  it('hands on every transition in order, and within blocks the same rewards in another order', async () => {
    const { told, plugin } = listening();
    const controller = await makeYoked({ controller: 'listener', block: 8 }, 4, 1, [plugin]);
    const { decisions } = await playWorld(controller, world);
    expect(told.map(({ observation }) => observation.window)).toEqual(decisions.map((_, window) => window));
    expect(told.map(({ decision }) => decision)).toEqual(decisions);
    const rewards = told.map(({ reward }) => reward);
    for (let start = 0; start < 40; start += 8) {
      const block = rewards.slice(start, start + 8);
      expect([...block].sort((a, b) => a - b)).toEqual(Array.from({ length: 8 }, (_, at) => start + at));
    }
    expect(rewards).not.toEqual([...rewards].sort((a, b) => a - b));
  });

  it('leaves the decisions alone: the learner draws what it draws without it', async () => {
    const { plugin } = listening();
    const own = await makeYoked({ controller: 'listener' }, 4, 1, [plugin]);
    const { decisions } = await playWorld(own, world);
    const random = createRandomStream(1, 'policy');
    expect(decisions.map((one) => one.kind === 'layer' && one.source)).toEqual(
      decisions.map((one) => one.kind === 'layer' && random.integer(0, one.layer + 1)),
    );
  });

  it('goes on exactly from a state in the middle of a block', async () => {
    const options = { with: { hidden: 8 }, block: 8 };
    const straight = await makeYoked(options, 4);
    const play = (controller: typeof straight, windows: number, from = 0) =>
      playWorld(controller, { layers: 4, windows, from, reward: (map) => new Set(map).size % 3 });
    await play(straight, 13);
    const text = JSON.stringify(straight.snapshot(), (_key, value: unknown) =>
      ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value,
    );
    const resumed = await makeYoked(options, 4);
    resumed.restore(JSON.parse(text) as ReturnType<typeof straight.snapshot>);
    expect(await play(resumed, 30, 13)).toEqual(await play(straight, 30, 13));
    expect(resumed.snapshot()).toEqual(straight.snapshot());
    const longer = await makeYoked({ ...options, block: 4 }, 4);
    expect(() => longer.restore(JSON.parse(text) as never)).toThrow(
      'it holds 5 transitions, for a block of 4',
    );
  });

  it('refuses itself, and what learns nothing', async () => {
    const { plugin } = listening();
    await expect(makeYoked({ controller: 'yoked' }, 4)).rejects.toThrow('it is the control itself');
    await expect(makeYoked({ controller: 'deaf' }, 4, 1, [plugin])).rejects.toThrow('it learns nothing');
    await expect(makeYoked({ controller: 'nobody' }, 4)).rejects.toThrow('nobody');
  });

  it('does not learn a planted preference that its learner finds', async () => {
    let learner = 0;
    let twin = 0;
    for (const seed of [1, 2, 3, 4, 5]) {
      const world = { size: 0.02, seed };
      const own = createQLearning({}, worldContext(8, seed));
      if ((await playPlanted(own, world)).learnt) learner += 1;
      if ((await playPlanted(await makeYoked({}, 8, seed), world)).learnt) twin += 1;
    }
    expect(learner).toBeGreaterThanOrEqual(4);
    expect(twin).toBeLessThanOrEqual(1);
  }, 300_000);
});
