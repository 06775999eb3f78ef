/** Weights that every layer has of its own, whatever the map says. */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type * as tf from '@tensorflow/tfjs-core';
import { allTieMaps, createRandomStreams } from '@ligature/core';
import { decodeSafetensors, encodeSafetensors, WeightRegistry } from '../src/index.js';
import { everything, saved, savedWeights, trainingStep } from './snapshots.js';
import { bump, bumpAll, leafOf, read, readAll, toyCost, toyRegistry, toyStack, values } from './support.js';

const GATES = ['h.0.gate', 'h.1.gate', 'h.2.gate'];
const gates = (registry: WeightRegistry): string[] =>
  registry.binding().leaves.flatMap(({ id }) => (id.endsWith('gate') ? [id] : []));

describe('a parameter of each position', () => {
  it('is a leaf of its own in every layer, used once, under any map and gradient, in the order of the model', () => {
    const gradient = fc.constantFrom('accumulate' as const, 'mean' as const, 'source-only' as const);
    fc.assert(
      fc.property(fc.constantFrom(...allTieMaps(3)), gradient, (map, mode) => {
        const registry = toyRegistry(3, { gradient: mode }, map, 1, true);
        expect(gates(registry)).toEqual(GATES);
        const { leaves } = registry.binding();
        expect(leaves.slice(0, 5).map(({ id }) => id)).toEqual([
          'wte',
          'h.0.norm.g',
          'h.0.gate',
          'h.0.attn.w',
          'h.0.mlp.w',
        ]);
        for (const leaf of leaves.filter(({ id }) => id.endsWith('gate'))) {
          expect([leaf.uses, leaf.storage]).toEqual([1, leaf.id]);
        }
        expect(registry.distinctStorages()).not.toHaveProperty('block');
        registry.dispose();
      }),
      { numRuns: 15 },
    );
  });

  it('trains in the frozen layers of the official profile, too, and stays with its layer', () => {
    const registry = toyRegistry(3, { profile: 'official' }, undefined, 1, true);
    expect(gates(registry)).toEqual(GATES);
    registry.tie(1, 0);
    bump(registry, leafOf(registry, 'h.1.gate'), 5);
    expect([0, 1, 2].map((layer) => read(registry, layer, 'gate')[0])).toEqual([1, 6, 1]);
    registry.tie(1, 1);
    expect(gates(registry)).toEqual(GATES);
    expect(leafOf(registry, 'h.1.gate').state?.step).toBe(1);
    registry.dispose();
  });

  it('is kept with its slots through ties, unties and maps', () => {
    const registry = toyRegistry(3, {}, undefined, 1, true);
    bump(registry, leafOf(registry, 'h.2.gate'), 4);
    registry.tie(2, 0);
    registry.apply({ kind: 'map', tieMap: [0, 0, 0] });
    registry.untie(2);
    expect(read(registry, 2, 'gate')).toEqual([5, 5]);
    const { state } = leafOf(registry, 'h.2.gate');
    expect([state?.step, values(state!.slots['v'] as tf.Tensor)]).toEqual([1, [2, 2]]);
  });

  it('is initialized like all others: from a stream of its own, or from what is given, for every layer', () => {
    const stack = toyStack(2, true);
    const parameters = stack.parameters.map((spec) =>
      spec.name === 'gate'
        ? { ...spec, initializer: { kind: 'normal', standardDeviation: 1 } as const }
        : spec,
    );
    const sampled = (map?: number[]): number[][] => {
      const registry = new WeightRegistry({ ...stack, parameters }, createRandomStreams(3));
      registry.initialize(map);
      return [0, 1].map((layer) => read(registry, layer, 'gate'));
    };
    expect(sampled([0, 0])).toEqual(sampled());
    expect(sampled()[0]).not.toEqual(sampled()[1]);

    const weights = toyRegistry(2, {}, [0, 0], 1, true).exportWeights().tensors;
    const registry = new WeightRegistry(stack, createRandomStreams(1));
    registry.initialize(
      [0, 0],
      new Map([...weights].filter(([name]) => name !== 'h.1.gate')).set('h.1.gate', {
        shape: [2],
        data: Float32Array.of(8, 9),
      }),
    );
    expect(read(registry, 1, 'gate')).toEqual([8, 9]);
    const without = new Map([...weights].filter(([name]) => name !== 'h.1.gate'));
    expect(() => new WeightRegistry(stack, createRandomStreams(1)).initialize([0, 0], without)).toThrow(
      expect.objectContaining({ code: 'weight-missing' }) as Error,
    );
  });

  it.each(['clean', 'official'] as const)('is in files and states under its own name, %s', (profile) => {
    const registry = toyRegistry(3, { profile }, undefined, 1, true);
    registry.tie(1, 0);
    registry.tie(2, 0);
    trainingStep(registry);
    const { tensors } = registry.exportWeights();
    expect([...tensors.keys()]).toEqual([
      'wte',
      'h.0.norm.g',
      'h.0.gate',
      'h.0.attn.w',
      'h.0.mlp.w',
      'h.1.gate',
      'h.2.gate',
    ]);
    const again = new WeightRegistry(toyStack(3, true), createRandomStreams(8), { profile });
    again.restore(saved(registry.snapshot()), savedWeights(registry));
    expect(everything(again)).toStrictEqual(everything(registry));
    const imported = new WeightRegistry(toyStack(3, true), createRandomStreams(8), { profile });
    imported.importWeights(decodeSafetensors(encodeSafetensors(registry.exportWeights())));
    expect(readAll(imported)).toEqual(readAll(registry));
    const gone = new Map([...tensors].filter(([name]) => name !== 'h.2.gate'));
    expect(() => imported.importWeights({ ...registry.exportWeights(), tensors: gone })).toThrow(
      /h\.2\.gate/,
    );
  });

  it('may be all that a layer has', () => {
    const { parameters, ...rest } = toyStack(2, true);
    const few = parameters.filter(({ name }) => name === 'wte' || name === 'gate');
    const registry = new WeightRegistry({ ...rest, parameters: few }, createRandomStreams(1));
    registry.initialize();
    bumpAll(registry);
    expect([registry.tieMap, registry.tieMaps]).toEqual([[0, 1], {}]);
    expect(registry.ledger(toyCost(1, 1))).toMatchObject({
      distinctStorages: {},
      uniqueParameters: 6 + 2 * 2,
    });
  });

  it('has no name twice', () => {
    const stack = toyStack(2, true);
    const twice = stack.parameters.map((spec) => (spec.name === 'gate' ? { ...spec, name: 'mlp.w' } : spec));
    expect(() => new WeightRegistry({ ...stack, parameters: twice }, createRandomStreams(1))).toThrow(
      expect.objectContaining({ code: 'parameter-duplicate' }) as Error,
    );
  });
});
