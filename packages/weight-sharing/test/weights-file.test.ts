import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import { allTieMaps, createRandomStreams, InputError } from '@ligature/core';
import { decodeSafetensors, encodeSafetensors, WeightRegistry, type SharingOptions } from '../src/index.js';
import { bumpAll, readAll, toyStack, toyRegistry, toyCost } from './support.js';

const empty = (layers: number, options: Partial<SharingOptions> = {}): WeightRegistry =>
  new WeightRegistry(toyStack(layers), createRandomStreams(9), options);

describe('exportWeights', () => {
  it("stores each block once under its owner's name, with the maps", () => {
    const registry = toyRegistry(3, {}, [0, 0, 2]);
    registry.tie(2, 0, 'mlp');
    const { tensors, metadata } = registry.exportWeights();
    expect([...tensors.keys()]).toEqual([
      'wte',
      ...['h.0.norm.g', 'h.0.attn.w', 'h.0.mlp.w'],
      ...['h.2.norm.g', 'h.2.attn.w'],
    ]);
    expect(metadata).toEqual({
      format: 'pt',
      tieMap: '[0,0,2]',
      tieMaps: '{"norms":[0,0,2],"attention":[0,0,2],"mlp":[0,0,0]}',
    });
  });

  it('names a storage of the official profile by the first layer that reads it', () => {
    const registry = toyRegistry(4, { profile: 'official' });
    for (const [layer, source] of [
      [1, 1],
      [2, 1],
      [1, 0],
    ] as const) {
      registry.tie(layer, source);
    }
    const { tensors, metadata } = registry.exportWeights();
    // Layer 2 alone reads the storage that was made for layer 1.
    expect([...tensors.keys()].filter((name) => name.endsWith('attn.w'))).toEqual([
      'h.0.attn.w',
      'h.2.attn.w',
      'h.3.attn.w',
    ]);
    expect(metadata['tieMap']).toBe('[0,0,2,3]');
    const other = empty(4, { profile: 'official' });
    other.importWeights(registry.exportWeights());
    expect(readAll(other)).toEqual(readAll(registry));
  });
});

describe('importWeights', () => {
  it('gives the same weights and maps back, through a file, for any map', () => {
    const components = fc.subarray(['norms', 'attention', 'mlp'], { minLength: 1 });
    fc.assert(
      fc.property(fc.constantFrom(...allTieMaps(4)), components, (map, tied) => {
        const registry = toyRegistry(4, { components: tied }, map);
        const bytes = encodeSafetensors(registry.exportWeights());
        const other = empty(4, { components: tied });
        other.importWeights(decodeSafetensors(bytes));
        expect(readAll(other)).toEqual(readAll(registry));
        expect(other.tieMap).toEqual(registry.tieMap);
        expect(encodeSafetensors(other.exportWeights())).toEqual(bytes);
        // A reader that ties all components reads it as well.
        const all = empty(4);
        all.importWeights(decodeSafetensors(bytes));
        expect(readAll(all)).toEqual(readAll(registry));
        for (const one of [registry, other, all]) one.dispose();
      }),
      { numRuns: 20 },
    );
  });

  it('replaces everything, moments included, and leaks nothing', () => {
    const { numTensors } = tf.memory();
    const registry = toyRegistry(3);
    bumpAll(registry);
    const source = toyRegistry(3, {}, [0, 0, 0], 4);
    registry.importWeights(source.exportWeights());
    expect(readAll(registry)).toEqual(readAll(source));
    expect(registry.ledger(toyCost(1, 1)).bytes.moments).toBe(0);
    expect(registry.binding().leaves.map((leaf) => leaf.id)).toEqual(
      source.binding().leaves.map((leaf) => leaf.id),
    );
    registry.dispose();
    source.dispose();
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it('reads a file without maps as untied', () => {
    const source = toyRegistry(2);
    const registry = empty(2);
    registry.importWeights({ tensors: source.exportWeights().tensors, metadata: {} });
    expect(registry.tieMap).toEqual([0, 1]);
    expect(readAll(registry)).toEqual(readAll(source));
  });

  const good = toyRegistry(3, {}, [0, 0, 2]).exportWeights();
  const without = (name: string): Map<string, never> =>
    new Map([...good.tensors].filter(([one]) => one !== name) as [string, never][]);
  const meta = (change: Record<string, string>): object => ({ ...good.metadata, ...change });
  it.each([
    ['a missing block', { tensors: without('h.2.attn.w') }, 'weight-missing', /h\.2\.attn\.w/],
    [
      'a block that the map gives away',
      { tensors: new Map([...good.tensors, ['h.1.attn.w', { shape: [1], data: new Float32Array(1) }]]) },
      'weight-superfluous',
      /h\.1\.attn\.w/,
    ],
    ['no maps though blocks are missing', { metadata: {} }, 'weight-missing', /h\.1/],
    ['a map of another depth', { metadata: meta({ tieMap: '[0,0]' }) }, 'tie-map-invalid', /\[0, 0\]|3/],
    [
      'maps that contradict each other',
      { metadata: meta({ tieMap: '[0,1,2]' }) },
      'tie-map-invalid',
      /\[0, 1, 2\]/,
    ],
    ['a forward reference', { metadata: { tieMap: '[0,2,2]' } }, 'tie-map-invalid', /later layer/],
    ['a map that is not canonical', { metadata: { tieMap: '[0,0,1]' } }, 'tie-map-invalid', /tied itself/],
    ['maps that are no JSON', { metadata: { tieMap: '[0,0' } }, 'tie-map-invalid', /no JSON/],
    ['maps of something else', { metadata: { tieMap: '{"a":1}' } }, 'tie-map-invalid', /no list/],
    [
      'a component that the model lacks',
      { metadata: { tieMaps: '{"heads":[0,0,2]}' } },
      'tie-map-invalid',
      /"heads"/,
    ],
  ])('refuses %s and keeps what it had', (_, change, code, message) => {
    const registry = toyRegistry(3, {}, [0, 1, 1], 7);
    const before = readAll(registry);
    const { numTensors } = tf.memory();
    const load = (): void => registry.importWeights({ ...good, ...(change as object) });
    expect(load).toThrow(expect.objectContaining({ code }));
    expect(load).toThrow(message);
    expect(load).toThrow(InputError);
    expect(readAll(registry)).toEqual(before);
    expect(registry.tieMap).toEqual([0, 1, 1]);
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it('refuses maps that tie what this registry leaves untied', () => {
    expect(() => empty(3, { components: ['mlp'] }).importWeights(good)).toThrow(/norms is tied there/);
  });
});
