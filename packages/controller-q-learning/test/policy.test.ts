import { createRandomStream, expectedRandomBlocks, InputError, PluginHost } from '@ligature/core';
import type { Decision, Snapshot, TieMap } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { headSize, sliceStart } from '../src/head.js';
import {
  cleanOptions,
  createQLearning,
  officialOptions,
  officialOptionsSchema,
  paperOptions,
  plugin,
  qLearningOptionsSchema,
} from '../src/index.js';
import type { QLearningController, QLearningOptionsInput } from '../src/index.js';
import { context, learner, observe, play } from './support.js';

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const blocks = (map: TieMap): number => new Set(map).size;

describe('the head', () => {
  it('gives every action of layers 1..L-1 an output of its own', () => {
    for (const [layout, dead] of [
      ['compact', 0],
      ['official', 1],
    ] as const) {
      const slots: number[] = [];
      for (let layer = 1; layer < 7; layer += 1) {
        for (let source = 0; source <= layer; source += 1) slots.push(sliceStart(layout, layer) + source);
      }
      expect(slots).toEqual(Array.from({ length: slots.length }, (_, slot) => slot + dead));
      expect(headSize(layout, 7)).toBe(slots.length + dead);
    }
    // dqn_trainer.py: 4 layers, Linear(128, 10)
    expect(headSize('official', 4)).toBe(10);
  });
});

describe('decisions', () => {
  it('explore with the law of the random control: H_L independent layers', () => {
    const layers = 6;
    const controller = learner(layers, { epsilon: { start: 1, decay: 1, floor: 1 } });
    const random = createRandomStream(3, 'policy');
    const sweeps = 4000;
    let independent = 0;
    for (let sweep = 0; sweep < sweeps; sweep += 1) {
      independent += 1;
      for (let layer = 1; layer < layers; layer += 1) {
        const decision = controller.decide(observe(layer - 1, [0, 1, 2, 3, 4, 5]), random);
        if (decision.kind === 'layer' && decision.source === layer) independent += 1;
      }
    }
    // Variance of the count: sum of (1/i)(1 - 1/i) = 0.958; four standard errors are 0.062.
    expect(Math.abs(independent / sweeps - expectedRandomBlocks(layers))).toBeLessThan(0.062);
  });

  it('say what they rest on', () => {
    const controller = learner(4, {
      outputLayer: 'random',
      epsilon: { by: 'sweep', start: 0.5, decay: 0.5, floor: 0.2 },
    });
    const random = createRandomStream(1, 'policy');
    const notes = [0, 3, 6].map(
      (window) => controller.decide(observe(window + 2, [0, 0, 2, 3]), random).notes!,
    );
    expect(notes.map(({ epsilon }) => epsilon)).toEqual([0.5, 0.25, 0.2]);
    const [first, second, third, own] = notes[0]!.values!;
    expect(second).toBe(first); // layer 1 uses layer 0's block: one action, one value
    expect(new Set([first, third, own]).size).toBe(3);
  });

  it('answer with the root of a class, and never with a duplicate of it', () => {
    const random = createRandomStream(5, 'policy');
    const sources = (options: QLearningOptionsInput): Set<number> => {
      const controller = learner(5, options);
      const seen = new Set<number>();
      for (let i = 0; i < 200; i += 1) {
        const decision = controller.decide(observe(3, [0, 0, 0, 3, 4]), random);
        if (decision.kind === 'layer') seen.add(decision.source);
      }
      return seen;
    };
    const epsilon = { start: 1, decay: 1, floor: 1 };
    expect([...sources({ epsilon })].sort()).toEqual([0, 3, 4]);
    expect([...sources({ epsilon, symmetry: 'none' })].sort()).toEqual([0, 1, 2, 3, 4]);
  });

  it('take the largest value when they do not explore', () => {
    const controller = learner(4, { outputLayer: 'random', epsilon: { start: 0, floor: 0 } });
    const observation = observe(2, [0, 1, 2, 3]);
    const values = controller.values(observation, 3);
    const decision = controller.decide(observation, createRandomStream(1, 'policy'));
    expect(decision).toMatchObject({
      kind: 'layer',
      layer: 3,
      source: values.indexOf(Math.max(...values)),
      notes: { explored: false },
    });
  });

  it('keep a stack of one layer as it is', () => {
    const controller = learner(1);
    const observation = observe(0, [0]);
    const decision = controller.decide(observation, createRandomStream(1, 'policy'));
    expect(decision).toEqual({ kind: 'keep' });
    const transition = {
      observation,
      decision,
      reward: 1,
      next: observation,
      terminated: false,
      truncated: false,
    };
    expect(controller.learn(transition)).toBeUndefined();
  });
});

describe('against the random control', () => {
  const randomControl = (): Pick<QLearningController, 'initial' | 'decide' | 'learn'> => ({
    initial: (layers) => Array.from({ length: layers }, (_, layer) => layer),
    decide: ({ layer }, random): Decision => ({
      kind: 'layer',
      layer: layer!,
      source: random.integer(0, layer! + 1),
    }),
    learn: () => undefined,
  });
  // Exactly three blocks are wanted; nothing says which.
  const reward = (_before: TieMap, _decision: Decision, after: TieMap): number =>
    -Math.abs(blocks(after) - 3);

  it.each(['layer', 'all'] as const)('earns more on every seed when it decides by %s', (decide) => {
    for (const seed of [1, 2, 3]) {
      const controller = learner(6, { decide, gamma: 0.5, replay: { capacity: 500, batch: 16 } }, seed);
      const learned = mean(play(controller, 6, 400, reward, { seed }).rewards.slice(-100));
      const control = mean(play(randomControl(), 6, 400, reward, { seed }).rewards.slice(-100));
      expect(learned, `seed ${seed}`).toBeGreaterThan(control + 0.3);
    }
  });
});

describe('state', () => {
  const reward = (_: TieMap, __: Decision, after: TieMap): number => blocks(after) % 3;

  it('gives the same decisions from the same seed, others from another', () => {
    const run = (seed: number) => play(learner(5, {}, seed), 5, 60, reward, { seed }).decisions;
    expect(run(7)).toEqual(run(7));
    expect(run(7)).not.toEqual(run(8));
  });

  it.each([
    ['the defaults', {}],
    ['the paper', { preset: 'paper' }],
    ['all layers', { decide: 'all' }],
    [
      'replay, target network, double Q',
      {
        replay: { capacity: 20, batch: 4 },
        targetNetwork: { every: 7 },
        doubleQ: true,
      },
    ],
  ] satisfies [string, QLearningOptionsInput][])(
    'goes on exactly where a snapshot was taken: %s',
    (_, options) => {
      const straight = learner(4, options);
      play(straight, 4, 50, reward);
      // Through JSON as well: numbers must survive a checkpoint without typed arrays.
      const plain = JSON.parse(
        JSON.stringify(straight.snapshot(), (_key, value: unknown) =>
          ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value,
        ),
      ) as ReturnType<typeof straight.snapshot>;
      const resumed = learner(4, options, 99);
      resumed.restore(plain);
      expect(resumed.weights()).toEqual(straight.weights());
      const after = [straight, resumed].map((one) => play(one, 4, 30, reward, { seed: 2 }));
      expect(after[1]).toEqual(after[0]);
      expect(resumed.snapshot()).toEqual(straight.snapshot());
    },
  );

  it('takes snapshots that later updates do not reach', () => {
    const controller = learner(3, { replay: { capacity: 5, batch: 2 } });
    play(controller, 3, 5, reward);
    const before = controller.snapshot();
    const copy = structuredClone(before);
    play(controller, 3, 10, reward);
    expect(before).toEqual(copy);
    expect(controller.snapshot()).not.toEqual(copy);
  });

  it('refuses a state of another size', () => {
    expect(() => learner(4).restore(learner(5).snapshot())).toThrow(
      expect.objectContaining({ code: 'controller-state-mismatch' }),
    );
    expect(() => learner(4).restore(null)).toThrow(
      expect.objectContaining({ code: 'controller-state-mismatch' }),
    );
  });

  it('refuses a state of before the defaults were repaired, and says so', () => {
    const { statistics, ...before } = learner(4).snapshot() as Record<string, Snapshot>;
    expect(statistics).toHaveLength(3);
    expect(() => learner(4).restore(before)).toThrow('the defaults of q-learning were others then');
    // What the presets of earlier versions saved has the same form today.
    const official = learner(4, { preset: 'official' });
    expect(Object.keys(official.snapshot() as object)).toEqual(
      ['weights', 'target', 'moments', 'updates', 'replay', 'random'], // prettier-ignore
    );
  });

  it.each<[string, (state: { replay: Record<string, unknown>; weights: Record<string, number[]> }) => void]>([
    ['a weight that is no number', ({ weights }) => void ((weights['q.0.weight'] as number[])[3] = NaN)],
    ['a text among the weights', ({ weights }) => void (weights['q.0.weight'] = Array(12).fill('x'))],
    ['an action beyond the layers', ({ replay }) => void ((replay['numbers'] as number[])[5] = 9)],
    ['a state beyond the layers', ({ replay }) => void ((replay['numbers'] as number[])[0] = -1)],
    ['a reward without bound', ({ replay }) => void ((replay['rewards'] as number[])[0] = Infinity)],
    ['a gap in the buffer', ({ replay }) => void (replay['next'] = 0)],
  ])('refuses a state with %s', (_what, spoil) => {
    const options = { hidden: 3, replay: { capacity: 9, batch: 2 } };
    const controller = learner(4, options);
    play(controller, 4, 4, reward);
    const state = structuredClone(controller.snapshot()) as never as Parameters<typeof spoil>[0];
    spoil(state);
    expect(() => learner(4, options).restore(state as never)).toThrow(
      expect.objectContaining({ code: 'controller-state-mismatch' }),
    );
  });

  it.each([NaN, Infinity])('refuses to learn from a reward of %d', (bad) => {
    expect(() => play(learner(3), 3, 1, () => bad)).toThrow(
      expect.objectContaining({ code: 'reward-invalid' }),
    );
  });
});

describe('options', () => {
  it('are refused with a message when they make no sense', () => {
    const host = new PluginHost().register(plugin);
    for (const [options, message] of [
      [{ gamma: 1 }, 'gamma'],
      [{ hiden: 12 }, 'hiden'],
      [{ doubleQ: true }, 'doubleQ: needs a target network'],
      [{ epsilon: { start: 2 } }, 'epsilon.start'],
      [{ initial: 'none' }, 'initial'],
      [{ preset: 'published' }, 'preset'],
      [{ until: null, blocks: 2 }, 'blocks: is of the map that is kept at the end'],
    ] as const) {
      expect(() => host.options('controllers', 'q-learning', options)).toThrow(message);
      expect(() => learner(3, options as QLearningOptionsInput)).toThrow(InputError);
    }
    expect(() => learner(3, { initial: [0, 2, 2] })).toThrow('a later layer');
  });

  it('describe every one of themselves', () => {
    const { properties = {} } = z.toJSONSchema(qLearningOptionsSchema, { io: 'input' });
    expect(Object.keys(properties)).toEqual(Object.keys(cleanOptions));
    for (const [name, schema] of Object.entries(properties)) {
      expect((schema as { description?: string }).description, name).toMatch(/\w/);
    }
  });

  it('choose the initial map', () => {
    expect(learner(4).initial).toBeUndefined();
    expect(learner(4, { initial: 'independent' }).initial?.(4)).toEqual([0, 1, 2, 3]);
    expect(learner(4, { initial: 'all-tied' }).initial?.(4)).toEqual([0, 0, 0, 0]);
    expect(learner(4, { initial: '0-0-2-2' }).initial?.(4)).toEqual([0, 0, 2, 2]);
    expect(learner(4, { initial: [0, 1, 1, 0] }).initial?.(4)).toEqual([0, 1, 1, 0]);
  });

  it('have defaults equal to the exported presets', () => {
    expect(qLearningOptionsSchema.parse({})).toEqual(cleanOptions);
    expect(officialOptionsSchema.parse({})).toEqual(officialOptions);
    expect(qLearningOptionsSchema.parse({ preset: 'paper' })).toEqual(paperOptions);
    expect(qLearningOptionsSchema.parse({ preset: 'official' })).toEqual(officialOptions);
    expect(qLearningOptionsSchema.parse({ preset: 'paper', epsilon: { floor: 0.1 }, gamma: 0 })).toEqual({
      ...paperOptions,
      epsilon: { ...paperOptions.epsilon, floor: 0.1 },
      gamma: 0,
    });
    // One value written, the rest of the group stays official.
    expect(officialOptionsSchema.parse({ epsilon: { floor: 0.1 } }).epsilon).toEqual({
      ...officialOptions.epsilon,
      floor: 0.1,
    });
  });

  it('of the official preset reach the learner through the plug-in', async () => {
    const host = new PluginHost().register(plugin);
    const official = await host.create('controllers', 'q-learning-official', {}, context(4));
    const same = createQLearning(officialOptions, context(4));
    expect(official.snapshot()).toEqual(same.snapshot());
    // The start is the official profile's own: no map that would tie or untie anything.
    expect(official.initial).toBeUndefined();
  });
});
