import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import { ContractError, createRandomStreams, InputError } from '@ligature/core';
import { WeightRegistry } from '../src/index.js';
import {
  bump,
  bumpAll,
  leafOf,
  loss,
  read,
  readAll,
  toyStack,
  toyRegistry,
  values,
  toyCost,
} from './support.js';

const momentsOf = (registry: WeightRegistry, id: string): number[] | undefined => {
  const { state } = leafOf(registry, id);
  if (!state) return undefined;
  const { m, v } = state.slots as { m: tf.Tensor; v: tf.Tensor };
  return [values(m)[0] as number, values(v)[0] as number, state.step];
};

describe('initialize', () => {
  it('gives equal seeds equal weights whatever the map, and other seeds others', () => {
    const untied = toyRegistry(3);
    const tied = toyRegistry(3, {}, [0, 0, 2]);
    expect(read(tied, 2)).toEqual(read(untied, 2));
    expect(read(tied, 1)).toEqual(read(untied, 0));
    expect(values(tied.view().global('wte'))).toEqual(values(untied.view().global('wte')));
    expect(read(untied, 1)).not.toEqual(read(untied, 0));
    expect(read(toyRegistry(3, {}, undefined, 2), 0)).not.toEqual(read(untied, 0));
  });

  it('samples what the initializer says', () => {
    const model = toyStack(1);
    const wide = {
      ...model,
      parameters: [
        {
          name: 'w',
          shape: [10_000],
          initializer: { kind: 'normal', standardDeviation: 0.02 },
          sharing: 'global',
        },
        { name: 'c', shape: [2], initializer: { kind: 'constant', value: 3 }, sharing: 'global' },
      ],
    } as typeof model;
    const registry = new WeightRegistry(wide, createRandomStreams(5));
    registry.initialize();
    const { mean, variance } = tf.moments(registry.view().global('w'));
    // Standard errors: 0.02 / sqrt(1e4) = 2e-4 of the mean, 0.02 / sqrt(2e4) = 1.4e-4 of the deviation.
    expect(Math.abs(mean.dataSync()[0] as number)).toBeLessThan(1e-3);
    expect(Math.abs(Math.sqrt(variance.dataSync()[0] as number) - 0.02)).toBeLessThan(7e-4);
    expect(values(registry.view().global('c'))).toEqual([3, 3]);
  });

  it('copies given weights, reading those of independent layers only', () => {
    const registry = new WeightRegistry(toyStack(2), createRandomStreams(1));
    const given = new Map<string, tf.Tensor | { shape: number[]; data: number[] }>([
      ['wte', { shape: [3, 2], data: [1, 2, 3, 4, 5, 6] }],
      ['h.0.norm.g', { shape: [2], data: [7, 8] }],
      ['h.0.attn.w', tf.tensor2d([1, 0, 0, 1], [2, 2])],
      ['h.0.mlp.w', { shape: [2, 2], data: [0, 1, 1, 0] }],
      ['h.1.mlp.w', { shape: [1], data: [9] }],
    ]);
    registry.initialize([0, 0], given);
    (given.get('h.0.attn.w') as tf.Tensor).dispose();
    expect(readAll(registry)).toEqual([
      [1, 2, 3, 4, 5, 6],
      [7, 8, 1, 0, 0, 1, 0, 1, 1, 0],
      [7, 8, 1, 0, 0, 1, 0, 1, 1, 0],
    ]);
  });

  it.each([
    ['a missing weight', [], 'weight-missing'],
    ['an unknown weight', [['h.7.attn.w', { shape: [1], data: [1] }]], 'weight-superfluous'],
    ['another shape', [['wte', { shape: [2, 3], data: [1, 2, 3, 4, 5, 6] }]], 'weight-shape'],
    ['too little data', [['wte', { shape: [3, 2], data: [1] }]], 'weight-shape'],
  ])('refuses %s and keeps nothing', (_, entries, code) => {
    const registry = new WeightRegistry(toyStack(2), createRandomStreams(1));
    const before = tf.memory().numTensors;
    const given = new Map(entries as [string, { shape: number[]; data: number[] }][]);
    expect(() => registry.initialize(undefined, given)).toThrow(expect.objectContaining({ code }));
    expect(tf.memory().numTensors).toBe(before);
  });

  it('happens once, before anything else', () => {
    const registry = new WeightRegistry(toyStack(2), createRandomStreams(1));
    expect(() => registry.tieMap).toThrow(/Call initialize/);
    expect(() => registry.initialize([0, 2])).toThrow(InputError);
    registry.initialize();
    expect(() => registry.initialize()).toThrow(ContractError);
    registry.dispose();
    registry.dispose();
    expect(() => registry.binding()).toThrow(expect.objectContaining({ code: 'registry-disposed' }));
    expect(() => registry.initialize()).toThrow(expect.objectContaining({ code: 'registry-disposed' }));
  });
});

describe('tie and untie', () => {
  it('resolve the source to its root and tell what changed', () => {
    const registry = toyRegistry(4);
    registry.tie(1, 0);
    expect(registry.tie(3, 1)).toEqual({
      previous: [0, 0, 2, 3],
      tieMap: [0, 0, 2, 0],
      state: [0, 0, 2, 0],
      tied: 1,
      untied: 0,
    });
    expect(registry.untie(1)).toMatchObject({ tieMap: [0, 1, 2, 0], tied: 0, untied: 1 });
    expect(registry.untie(1)).toMatchObject({ tieMap: [0, 1, 2, 0], tied: 0, untied: 0 });
    expect(registry.apply({ kind: 'keep' })).toMatchObject({ tieMap: [0, 1, 2, 0], tied: 0, untied: 0 });
  });

  it('take followers along to the root, or leave them the block', () => {
    const root = toyRegistry(4, { follow: 'root' }, [0, 1, 1, 1]);
    expect(root.tie(1, 0)).toMatchObject({ tieMap: [0, 0, 0, 0], tied: 3 });
    const snapshot = toyRegistry(4, { follow: 'snapshot' }, [0, 1, 1, 1]);
    const block = read(snapshot, 1);
    expect(snapshot.tie(1, 0)).toMatchObject({ tieMap: [0, 0, 2, 2], tied: 2, untied: 1 });
    expect(read(snapshot, 2)).toEqual(block);
    expect(read(snapshot, 3)).toEqual(block);
    expect(read(snapshot, 1)).toEqual(read(snapshot, 0));
  });

  it('untie by clone leaves the forward pass as it is, then the copies part', () => {
    const registry = toyRegistry(3, {}, [0, 0, 0]);
    const before = readAll(registry);
    const lossBefore = loss(registry);
    registry.untie(1);
    expect(readAll(registry)).toEqual(before);
    expect(loss(registry)).toBe(lossBefore);
    bump(registry, leafOf(registry, 'h.1.attn.w'), 5);
    expect(read(registry, 1)).toEqual((before[1] as number[]).slice(2, 6).map((x) => Math.fround(x + 5)));
    expect(read(registry, 0)).toEqual((before[1] as number[]).slice(2, 6));
    expect(read(registry, 2)).toEqual(read(registry, 0));
  });

  it('untie by alias leaves the layer with the block that it shares, one by one or as a map', () => {
    const registry = toyRegistry(3, { untie: 'alias' }, [0, 0, 2]);
    expect(registry.untie(1)).toMatchObject({ tieMap: [0, 0, 2], tied: 0, untied: 0 });
    expect(registry.apply({ kind: 'map', tieMap: [0, 1, 1] })).toMatchObject({ tieMap: [0, 0, 0], tied: 1 });
    expect(registry.apply({ kind: 'map', tieMap: [0, 1, 2] })).toMatchObject({
      tieMap: [0, 0, 0],
      untied: 0,
    });
  });

  it('untie by alias shares as the official storages do, whatever is decided', () => {
    const decisions = fc.array(fc.nat(3).chain((layer) => fc.tuple(fc.constant(layer), fc.nat(layer))));
    fc.assert(
      fc.property(decisions, (list) => {
        const official = toyRegistry(4, { profile: 'official' });
        const alias = toyRegistry(4, { untie: 'alias', follow: 'snapshot' });
        for (const [layer, source] of list) {
          expect(alias.tie(layer, source).tieMap).toEqual(official.tie(layer, source).tieMap);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('untie by reinitialize gives the weights that the layer would have had from the start', () => {
    const registry = toyRegistry(2, { untie: 'reinitialize' }, [0, 0]);
    registry.untie(1);
    expect(read(registry, 1)).toEqual(read(toyRegistry(2), 1));
    const first = read(registry, 1);
    registry.tie(1, 0);
    registry.untie(1);
    expect(read(registry, 1)).not.toEqual(first);
  });

  it('take on a whole map, each new owner from what it used before', () => {
    const registry = toyRegistry(4, {}, [0, 1, 1, 0]);
    const block = read(registry, 1);
    const change = registry.apply({ kind: 'map', tieMap: [0, 0, 2, 2] });
    expect(change).toMatchObject({ previous: [0, 1, 1, 0], tieMap: [0, 0, 2, 2], tied: 2, untied: 1 });
    expect(read(registry, 2)).toEqual(block);
    expect(read(registry, 3)).toEqual(block);
    // A map that is not canonical means the classes of its parents.
    expect(registry.apply({ kind: 'map', tieMap: [0, 0, 1, 2] }).tieMap).toEqual([0, 0, 0, 0]);
  });

  it('work on one component alone', () => {
    const registry = toyRegistry(3);
    registry.tie(1, 0, 'mlp');
    expect(registry.tieMapOf('mlp')).toEqual([0, 0, 2]);
    expect(registry.tieMapOf('attention')).toEqual([0, 1, 2]);
    expect(registry.tieMap).toEqual([0, 1, 2]);
    expect(read(registry, 1, 'mlp.w')).toEqual(read(registry, 0, 'mlp.w'));
    expect(registry.distinctStorages()).toEqual({ norms: 3, attention: 3, mlp: 2 });
    expect(registry.ledger(toyCost(1, 1)).independentLayers).toBe(2);
    registry.tie(1, 0);
    expect(registry.tieMap).toEqual([0, 0, 2]);
  });

  it('take a map of one component alone, also where untying is an alias', () => {
    for (const untie of ['clone', 'alias'] as const) {
      const registry = toyRegistry(3, { untie });
      const change = registry.apply({ kind: 'map', tieMap: [0, 0, 0], component: 'mlp' });
      expect(change).toEqual({
        ...{ previous: [0, 1, 2], tieMap: [0, 1, 2], state: [0, 1, 2] },
        ...{ tied: 2, untied: 0 },
      });
      expect(registry.tieMaps).toEqual({ norms: [0, 1, 2], attention: [0, 1, 2], mlp: [0, 0, 0] });
    }
    const only = toyRegistry(2, { components: ['attention'] });
    const norms = { kind: 'map', tieMap: [0, 0], component: 'norms' } as const;
    expect(() => only.apply(norms)).toThrow(expect.objectContaining({ code: 'component-unknown' }) as Error);
    expect(only.tieMaps).toEqual({ attention: [0, 1] });
  });

  it('leave ungoverned components independent', () => {
    const registry = toyRegistry(3, { components: ['attention', 'mlp'] }, [0, 0, 0]);
    expect(registry.tieMap).toEqual([0, 0, 0]);
    expect(registry.tieMapOf('norms')).toEqual([0, 1, 2]);
    expect(registry.distinctStorages()).toEqual({ norms: 3, attention: 1, mlp: 1 });
    expect(() => registry.tie(1, 0, 'norms')).toThrow(/known: attention, mlp/);
    expect(() => toyRegistry(2, { components: ['embeddings'] })).toThrow(
      expect.objectContaining({ code: 'component-unknown' }),
    );
  });

  it.each([
    [1, 2],
    [3, 0],
    [1, -1],
    [1, 0.5],
    [-1, -1],
    [Number.NaN, 0],
  ])('refuse tie(%d, %d) in a stack of 3 and change nothing', (layer, source) => {
    const registry = toyRegistry(3, {}, [0, 0, 2]);
    expect(() => registry.tie(layer, source)).toThrow(InputError);
    expect(() => registry.apply({ kind: 'map', tieMap: [0, source, 2, 3] })).toThrow(InputError);
    expect(registry.tieMap).toEqual([0, 0, 2]);
  });
});

describe('moments', () => {
  /** Layer 1 has had one update of its own, layer 0 three; then layer 1 is tied to 0. */
  const story = (moments: 'copy' | 'reset' | 'keep'): WeightRegistry => {
    const registry = toyRegistry(3, { moments });
    bumpAll(registry);
    for (let again = 0; again < 2; again += 1) bump(registry, leafOf(registry, 'h.0.attn.w'), 1);
    registry.tie(1, 0);
    return registry;
  };

  it('copy: an untied layer goes on with those of the block it used', () => {
    const registry = story('copy');
    registry.untie(1);
    expect(momentsOf(registry, 'h.1.attn.w')).toEqual([3, 6, 3]);
    bump(registry, leafOf(registry, 'h.1.attn.w'), 1);
    expect(momentsOf(registry, 'h.0.attn.w')).toEqual([3, 6, 3]);
  });

  it('reset: it starts without any', () => {
    const registry = story('reset');
    registry.untie(1);
    expect(momentsOf(registry, 'h.1.attn.w')).toBeUndefined();
    expect(momentsOf(registry, 'h.0.attn.w')).toEqual([3, 6, 3]);
  });

  it('keep: it resumes its own old ones, or copies if it never had any', () => {
    const registry = story('keep');
    registry.untie(1);
    expect(momentsOf(registry, 'h.1.attn.w')).toEqual([1, 2, 1]);
    const never = toyRegistry(2, { moments: 'keep' }, [0, 0]);
    bumpAll(never);
    never.untie(1);
    expect(momentsOf(never, 'h.1.attn.w')).toEqual([1, 2, 1]);
  });

  it('follow a block to its heir', () => {
    for (const moments of ['copy', 'reset', 'keep'] as const) {
      const registry = toyRegistry(3, { follow: 'snapshot', moments }, [0, 1, 1]);
      bumpAll(registry);
      bump(registry, leafOf(registry, 'h.1.mlp.w'), 1);
      registry.tie(1, 0);
      expect(momentsOf(registry, 'h.2.mlp.w')).toEqual([2, 4, 2]);
    }
  });

  it("of an heir are the block's alone: its own old ones go, and the old owner keeps none", () => {
    const registry = toyRegistry(3, { follow: 'snapshot', moments: 'keep' });
    bump(registry, leafOf(registry, 'h.2.mlp.w'), 1);
    registry.apply({ kind: 'map', tieMap: [0, 1, 1] });
    registry.tie(1, 0);
    expect(registry.tieMap).toEqual([0, 0, 2]);
    // The block that layer 2 inherits was never updated.
    expect(momentsOf(registry, 'h.2.mlp.w')).toBeUndefined();

    const copying = toyRegistry(3, { follow: 'snapshot' }, [0, 1, 1]);
    bump(copying, leafOf(copying, 'h.1.mlp.w'), 1);
    const { numTensors } = tf.memory();
    copying.tie(1, 0);
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(copying.ledger(toyCost(1, 1)).bytes.moments).toBe(4 * 2 * 4);
  });

  it('are counted while they exist: none before the first update, none left of a tied block', () => {
    const floats = 6 + 2 * (2 + 4 + 4);
    const registry = toyRegistry(2);
    expect(registry.ledger(toyCost(1, 1)).bytes.moments).toBe(0);
    bumpAll(registry);
    expect(registry.ledger(toyCost(1, 1)).bytes.moments).toBe(4 * 2 * floats);
    registry.tie(1, 0);
    expect(registry.ledger(toyCost(1, 1)).bytes.moments).toBe(4 * 2 * (6 + 10));
    const keeping = toyRegistry(2, { moments: 'keep' });
    bumpAll(keeping);
    keeping.tie(1, 0);
    expect(keeping.ledger(toyCost(1, 1)).bytes.moments).toBe(4 * 2 * floats);
  });
});

describe('update', () => {
  it('refuses a leaf of an earlier tie map, and other shapes', () => {
    const registry = toyRegistry(2);
    const leaf = leafOf(registry, 'h.1.attn.w');
    const zeros = tf.zeros([2, 2]);
    const wrong = { parameter: tf.zeros([4]), slots: { m: zeros }, step: 1 };
    expect(() => registry.update(leaf, wrong)).toThrow(expect.objectContaining({ code: 'leaf-shape' }));
    const slot = { parameter: zeros, slots: { m: zeros, v: tf.zeros([3]) }, step: 1 };
    expect(() => registry.update(leaf, slot)).toThrow(expect.objectContaining({ code: 'leaf-shape' }));
    registry.tie(1, 0);
    const right = { parameter: zeros, slots: { m: zeros, v: zeros }, step: 1 };
    expect(() => registry.update(leaf, right)).toThrow(expect.objectContaining({ code: 'leaf-unknown' }));
    expect(read(registry, 1)).toEqual(read(toyRegistry(2), 0));
  });
});
