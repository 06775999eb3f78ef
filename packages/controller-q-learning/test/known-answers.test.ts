/** Problems whose Q-values are known exactly: the fixed point of the Bellman equation, solved by hand. */
import { allTieMaps, canonicalTieMap } from '@ligature/core';
import type { Decision, TieMap } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import type { QLearningOptionsInput } from '../src/index.js';
import { learner, observe, play } from './support.js';

/**
 * Explores only (Q-learning is off-policy, so Q still converges to the optimum), never decays its weights, and takes
 * rewards as they come: the exact values are in their units.
 */
const exploring: QLearningOptionsInput = {
  preset: 'paper',
  epsilon: { start: 1, decay: 1, floor: 1 },
  weightDecay: 0,
  hidden: 32,
};
const source = (decision: Decision): number => (decision.kind === 'layer' ? decision.source : -1);

describe('two layers, two states, two actions', () => {
  /*
   * States: T = [0, 0] (tied), I = [0, 1] (independent). Actions: 0 ties, 1 unties; the next state is the action.
   * Rewards: r(T,0) = .5, r(T,1) = 0, r(I,0) = 0, r(I,1) = 2. Discount 1/2.
   * V(I) = 2 + V(I)/2 = 4. V(T) = max(.5 + V(T)/2, 0 + V(I)/2) = max(1, 2) = 2: untying costs now and pays later.
   * Q(T,0) = .5 + 2/2 = 1.5   Q(T,1) = 0 + 4/2 = 2   Q(I,0) = 0 + 2/2 = 1   Q(I,1) = 2 + 4/2 = 4
   */
  const rewards = [
    [0.5, 0],
    [0, 2],
  ];
  const reward = (before: TieMap, decision: Decision): number => rewards[before[1]!]![source(decision)]!;
  const tied = { state: [0, 0], tieMap: [0, 0] };
  const independent = { state: [0, 1], tieMap: [0, 1] };

  it.each([
    ['online', {}],
    ['with replay', { replay: { capacity: 200, batch: 8 } }],
    ['with a target network', { targetNetwork: { every: 20 } }],
    ['with double Q', { targetNetwork: { every: 20 }, doubleQ: true, replay: { capacity: 200, batch: 8 } }],
    ['with the official head and raw states', { head: 'official', stateEncoding: 'raw' }],
  ] satisfies [string, QLearningOptionsInput][])('converges to the exact Q-values %s', (_, options) => {
    const controller = learner(2, { ...exploring, gamma: 0.5, ...options });
    play(controller, 2, 12_000, reward);
    const [tieTied, untieTied] = controller.values(tied, 1);
    const [tieIndependent, untieIndependent] = controller.values(independent, 1);
    expect(Math.abs(tieTied! - 1.5)).toBeLessThan(0.02);
    expect(Math.abs(untieTied! - 2)).toBeLessThan(0.02);
    expect(Math.abs(tieIndependent! - 1)).toBeLessThan(0.02);
    expect(Math.abs(untieIndependent! - 4)).toBeLessThan(0.02);
  });

  it('bootstraps when the budget ran out, and only then', () => {
    const values = (flags: { truncated?: boolean; terminated?: boolean }): number[] => {
      const controller = learner(2, { ...exploring, gamma: 0.5 });
      play(controller, 2, 12_000, reward, flags);
      return [...controller.values(tied, 1), ...controller.values(independent, 1)];
    };
    expect(values({ truncated: true })).toEqual(values({}));
    // A true ending leaves nothing but the reward itself.
    values({ terminated: true }).forEach((value, i) => {
      expect(Math.abs(value - rewards.flat()[i]!)).toBeLessThan(0.02);
    });
  });
});

describe('three layers, identity problem', () => {
  /*
   * Reward 1 for repeating what the state says of the layer, else 0, whatever the map. Repeating is possible in
   * every state, so V = 1 / (1 - gamma) everywhere, Q(repeat) = V and Q(anything else) = gamma * V.
   */
  it.each([0, 0.5])('has Q = identity + gamma / (1 - gamma) at gamma %d', (gamma) => {
    const controller = learner(3, { ...exploring, gamma, symmetry: 'none' });
    play(controller, 3, 40_000, (before, decision) =>
      decision.kind === 'layer' && decision.source === before[decision.layer] ? 1 : 0,
    );
    const later = gamma / (1 - gamma);
    for (const tieMap of allTieMaps(3)) {
      for (const layer of [1, 2]) {
        controller.values({ state: tieMap, tieMap }, layer).forEach((value, action) => {
          const exact = (action === tieMap[layer] ? 1 : 0) + later;
          expect(Math.abs(value - exact), `${tieMap.join('-')} layer ${layer} action ${action}`).toBeLessThan(
            0.06,
          );
        });
      }
    }
  });
});

describe('three layers, all five maps', () => {
  /*
   * A map earns what it is worth, whatever was decided. The reference is value iteration over (map, layer that decides),
   * whose transitions are known: 5 maps, layers 1 and 2 in turn.
   */
  const worth: Readonly<Record<string, number>> = {
    '0-0-0': 0.1,
    '0-0-2': 0.6,
    '0-1-0': 0.2,
    '0-1-1': 0.3,
    '0-1-2': 0.5,
  };
  const tied = (map: TieMap, layer: number, to: number): TieMap =>
    canonicalTieMap(map.map((root, at) => (at === layer ? to : root)));
  const actions = (map: TieMap, layer: number): number[] =>
    Array.from({ length: layer + 1 }, (_, to) => to).filter((to) => to === layer || map[to] === to);

  /** Q of every action, by map and layer. */
  function valueIteration(gamma: number): (map: TieMap, layer: number, to: number) => number {
    let values = new Map<string, number>();
    const key = (map: TieMap, layer: number): string => `${map.join('-')} ${layer}`;
    const q = (map: TieMap, layer: number, to: number): number => {
      const next = tied(map, layer, to);
      return worth[next.join('-')]! + gamma * (values.get(key(next, 3 - layer)) ?? 0);
    };
    for (let round = 0; round < 200; round += 1) {
      const better = new Map<string, number>();
      for (const map of allTieMaps(3)) {
        for (const layer of [1, 2]) {
          better.set(key(map, layer), Math.max(...actions(map, layer).map((to) => q(map, layer, to))));
        }
      }
      values = better;
    }
    return q;
  }

  it.each([
    ['the defaults', { gamma: 0.5, epsilon: { start: 1, floor: 1 }, until: null }],
    ['the paper', { ...exploring, gamma: 0.5 }],
  ] satisfies [string, QLearningOptionsInput][])(
    'decides greedily as value iteration does: %s',
    (_, options) => {
      const exact = valueIteration(0.5);
      for (const seed of [1, 2, 3]) {
        const controller = learner(3, options, seed);
        play(controller, 3, 4_000, (_before, __, after) => worth[after.join('-')]!, { seed });
        for (const tieMap of allTieMaps(3)) {
          for (const layer of [1, 2]) {
            const values = controller.values({ state: tieMap, tieMap }, layer);
            const best = (of: (to: number) => number): number =>
              actions(tieMap, layer).reduce((a, b) => (of(b) > of(a) ? b : a));
            expect(
              best((to) => values[to]!),
              `seed ${seed}, ${tieMap.join('-')}, layer ${layer}`,
            ).toBe(best((to) => exact(tieMap, layer, to)));
          }
        }
      }
    },
  );
});

describe('one update, from weights set by hand', () => {
  // Hidden weights zero and biases one: every hidden unit is 1, and output o is its bias plus its column of ones.
  const flat = (layers: number, head: readonly number[], options: QLearningOptionsInput) => {
    const controller = learner(layers, { preset: 'paper', hidden: 1, gamma: 0.5, ...options });
    controller.loadWeights({
      'q.0.weight': new Array<number>(layers).fill(0),
      'q.0.bias': [1],
      'q.2.weight': new Array<number>(head.length).fill(0),
      'q.2.bias': head,
    });
    return controller;
  };
  // Layer 1: [1, 2]; layer 2: [30, 40, 50]; layer 3: [600, 900, 700, 800].
  const head = [1, 2, 30, 40, 50, 600, 900, 700, 800];
  const learn = (options: QLearningOptionsInput, tieMap: TieMap = [0, 1, 2, 3], window = 1) =>
    flat(4, head, options).learn({
      observation: observe(window, [0, 1, 2, 3]),
      decision: { kind: 'layer', layer: (window % 3) + 1, source: 1 },
      reward: 10,
      next: observe(window + 1, tieMap),
      terminated: false,
      truncated: false,
    });

  it('bootstraps from the slice of the layer that decides next', () => {
    // Window 1 decides on layer 2, source 1: Q = 40; layer 3 is next, its best is 900.
    expect(learn({})).toMatchObject({ predicted: 40, target: 10 + 450, loss: 420 ** 2 });
  });

  it('wraps from the last layer to layer 1 of the next sweep', () => {
    expect(learn({}, undefined, 2)).toMatchObject({ predicted: 900, target: 10 + 1 });
    expect(learn({ terminal: 'sweep' }, undefined, 2)).toMatchObject({ predicted: 900, target: 10 });
    expect(learn({ terminal: 'sweep' })).toMatchObject({ target: 460 });
  });

  it("bootstraps from the same layer's slice when asked to", () => {
    expect(learn({ bootstrap: 'same-layer' })).toMatchObject({ target: 10 + 25 });
  });

  it('leaves sources out of the maximum that share a block with an earlier one', () => {
    // Layer 1 tied to 0: source 1 (900) is the same action as source 0 (600); the best is independent (800).
    expect(learn({}, [0, 0, 2, 3])).toMatchObject({ target: 10 + 400 });
    expect(learn({ symmetry: 'none' }, [0, 0, 2, 3])).toMatchObject({ target: 10 + 450 });
  });

  it('updates the slice of every layer from a whole map', () => {
    const report = flat(4, head, { decide: 'all' }).learn({
      observation: observe(0, [0, 1, 2, 3]),
      decision: { kind: 'map', tieMap: [0, 0, 2, 2] },
      reward: 10,
      next: observe(1, [0, 0, 2, 2]),
      terminated: false,
      truncated: false,
    });
    // Taken: 1, 50, 700. Next best: layer 1 independent (2), layer 2 independent (50), layer 3 source 1 (900).
    const errors = [1 - (10 + 1), 50 - (10 + 25), 700 - (10 + 450)];
    expect(report!.predicted).toBeCloseTo((1 + 50 + 700) / 3, 9);
    expect(report!.target).toBeCloseTo((11 + 35 + 460) / 3, 9);
    expect(report!.loss).toBeCloseTo(errors.reduce((sum, error) => sum + error * error, 0) / 3, 9);
  });
});
