/** The official profile against a hand-made storage trace and against windows that PyTorch executed. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type * as tf from '@tensorflow/tfjs-core';
import type { WeightRegistry } from '../src/index.js';
import { bump, gradients, leafOf, loss, read, readAll, toyRegistry, values, toyCost } from './support.js';

interface Window {
  layer: number;
  action: number;
  state: number[];
  weight_gradient_taken: boolean[];
  distinct_storages: number;
}

const recorded = JSON.parse(
  readFileSync(new URL('fixtures/official-4-layers.json', import.meta.url), 'utf8'),
) as { layers: number; windows: Window[] };

const official = (layers: number): WeightRegistry => toyRegistry(layers, { profile: 'official' });

/** Which of the first weights a, b, c, d each position reads. Holds while nothing is trained. */
function slots(registry: WeightRegistry, first: number[][]): string {
  return Array.from({ length: 4 }, (_, layer) => {
    const now = read(registry, layer).join();
    return 'abcd'[first.findIndex((one) => one.join() === now)];
  }).join('');
}

const trains = (registry: WeightRegistry): string => {
  const ids = registry.binding().leaves.map((leaf) => leaf.id);
  return [0, 1, 2, 3].map((layer) => (ids.includes(`h.${layer}.attn.w`) ? 1 : 0)).join(' ');
};

/** The code's action: -1 is independent. */
const act = (registry: WeightRegistry, layer: number, action: number): void => {
  registry.apply({ kind: 'layer', layer, source: action === -1 ? layer : action });
};

describe('the official profile', () => {
  it('follows the golden storage trace', () => {
    const registry = official(4);
    const first = [0, 1, 2, 3].map((layer) => read(registry, layer));
    const row = (): string => `${slots(registry, first)} | ${registry.state.join(' ')} | ${trains(registry)}`;
    expect(row()).toBe('abcd | 0 0 0 0 | 1 0 0 0');
    act(registry, 1, -1);
    act(registry, 2, 1);
    act(registry, 3, 0);
    // The trace writes the slots of episode 1 as they are after l = 3, which took storage a.
    expect(row()).toBe('abba | 0 1 1 0 | 1 1 0 0');
    act(registry, 1, 0);
    expect(row()).toBe('aaba | 0 0 1 0 | 1 0 0 0');
    act(registry, 2, -1);
    act(registry, 3, 2);
    expect(row()).toBe('aabb | 0 0 2 2 | 1 0 1 0');
    act(registry, 1, -1);
    expect(row()).toBe('aabb | 0 1 2 2 | 1 1 1 0');
    act(registry, 2, 0);
    act(registry, 3, -1);
    expect(row()).toBe('aaab | 0 1 0 3 | 1 1 0 1');
    expect(registry.ledger(toyCost(1, 1)).independentLayers).toBe(3);
    expect(registry.distinctStorages()).toEqual({ norms: 2, attention: 2, mlp: 2 });
    expect(registry.tieMap).toEqual([0, 0, 0, 3]);
  });

  it('agrees with the executed official code, window by window', () => {
    const registry = official(recorded.layers);
    for (const window of recorded.windows) {
      act(registry, window.layer, window.action === window.layer ? -1 : window.action);
      expect(registry.state).toEqual(window.state);
      expect(trains(registry)).toBe(window.weight_gradient_taken.map(Number).join(' '));
      expect(registry.distinctStorages()['attention']).toBe(window.distinct_storages);
    }
    expect(recorded.windows).toHaveLength(12);
  });

  it('counts as the code logs, and truly', () => {
    const block = 2 + 4 + 4;
    const registry = official(4);
    expect(registry.ledger(toyCost(1, 1))).toMatchObject({
      independentLayers: 1,
      uniqueParameters: 6 + 4 * block,
      trainableParameters: 6 + block,
      loggedTrainableParameters: 6 + block,
    });
    // Layer 1 aliases layer 0 and is "independent" again: one storage, logged twice.
    act(registry, 1, 0);
    act(registry, 1, -1);
    const ledger = registry.ledger(toyCost(1, 1));
    expect(ledger).toMatchObject({
      independentLayers: 2,
      uniqueParameters: 6 + 3 * block,
      trainableParameters: 6 + block,
      loggedTrainableParameters: 6 + 2 * block,
      totalParameters: 6 + 4 * block,
    });
    expect(ledger.bytes.gradients).toBe(4 * (6 + 2 * block));
    // A weight gradient for two of the four layers' products: 2 x (2 d^2) operations each for attention and MLP.
    expect(ledger.flops.backward).toBe(4 * 16 + 12 + 2 * 16 + 12);
  });

  it('gives aliased positions gradients, moments and updates of their own, one after another', () => {
    const registry = official(2);
    act(registry, 1, 0);
    const before = read(registry, 0);
    act(registry, 1, -1);
    expect(readAll(registry)[1]).toEqual(readAll(registry)[2]);
    const binding = registry.binding();
    const own = binding.leaves.filter((leaf) => leaf.spec.name === 'attn.w');
    expect(own.map((leaf) => leaf.id)).toEqual(['h.0.attn.w', 'h.1.attn.w']);
    expect(own[0]?.storage).toBe(own[1]?.storage);

    // Separate gradients whose sum is what accumulating over both uses gives.
    const shared = toyRegistry(2, {}, [0, 0]);
    const summed = gradients(shared, shared.binding()).get('h.0.attn.w') as number[];
    const found = gradients(registry, binding);
    const [a, b] = own.map((leaf) => found.get(leaf.id) as number[]) as [number[], number[]];
    expect(a).not.toEqual(b);
    summed.forEach((value, i) => expect((a[i] as number) + (b[i] as number)).toBeCloseTo(value, 5));

    bump(registry, own[0] as never, 1);
    bump(registry, own[1] as never, 10);
    expect(read(registry, 0)).toEqual(before.map((x) => Math.fround(Math.fround(x + 1) + 10)));
    expect(read(registry, 1)).toEqual(read(registry, 0));
  });

  it('never changes a frozen random layer, but reads it', () => {
    const registry = official(3);
    const before = readAll(registry);
    const lossBefore = loss(registry);
    for (const leaf of registry.binding().leaves) bump(registry, leaf, 0.5);
    expect(readAll(registry).slice(2)).toEqual(before.slice(2));
    expect(loss(registry)).not.toBe(lossBefore);
  });

  it('keeps the moments of a position for ever', () => {
    const registry = official(3);
    act(registry, 2, -1);
    bump(registry, leafOf(registry, 'h.2.attn.w'), 1);
    act(registry, 2, 0);
    expect(registry.ledger(toyCost(1, 1)).bytes.moments).toBe(4 * 2 * 4);
    act(registry, 2, -1);
    const { state } = leafOf(registry, 'h.2.attn.w');
    expect([values(state?.slots['m'] as tf.Tensor)[0], state?.step]).toEqual([1, 1]);
  });

  it('takes a map as one action after another, as the ablations do', () => {
    const registry = official(4);
    registry.apply({ kind: 'map', tieMap: [0, 1, 0, 1] });
    expect(registry.state).toEqual([0, 1, 0, 1]);
    expect(registry.tieMap).toEqual([0, 1, 0, 1]);
    const initial = toyRegistry(4, { profile: 'official' }, [0, 1, 2, 3]);
    expect(trains(initial)).toBe('1 1 1 1');
  });

  it('has no sub-layer granularity', () => {
    expect(() => toyRegistry(2, { profile: 'official', components: ['mlp'] })).toThrow(/whole blocks/);
    expect(() => official(2).tie(1, 0, 'mlp')).toThrow(/whole blocks/);
  });
});
