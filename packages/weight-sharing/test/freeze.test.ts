/** What never changes, and what changes only through its owner. */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import { createRandomStreams, InputError, type Stack } from '@ligature/core';
import { WeightRegistry, type SharingOptions } from '../src/index.js';
import { frozenNames } from '../src/registry/frozen-names.js';
import { everything, saved, savedWeights, trainingStep } from './snapshots.js';
import { bumpAll, leafOf, read, toyRegistry, toyStack, values } from './support.js';

const LAYERS = 4;
const ids = (registry: WeightRegistry): string[] => registry.binding().leaves.map(({ id }) => id);
const slotNames = (registry: WeightRegistry): string[] =>
  (registry.snapshot() as unknown as { slots: { name: string }[] }).slots.map(({ name }) => name);

describe('patterns', () => {
  const names = ['wte', 'h.0.attn.w', 'h.0.attn.b', 'h.10.attn.w', 'h.1xattn.w'];
  const specs = new Map(names.map((name) => [name, toyStack(1).parameters[0]!]));

  it.each([
    ['wte', ['wte']],
    ['*', names],
    ['h.*.w', ['h.0.attn.w', 'h.10.attn.w', 'h.1xattn.w']],
    ['*.attn.w', ['h.0.attn.w', 'h.10.attn.w']],
    ['h.1*', ['h.10.attn.w', 'h.1xattn.w']],
    ['h.0.attn.*', ['h.0.attn.w', 'h.0.attn.b']],
    ['*wte*', ['wte']],
  ])('%s', (pattern, matched) => {
    expect([...frozenNames(specs, [pattern])].sort()).toEqual([...matched].sort());
  });

  it.each(['wt', 'h.0.attn', 'WTE', 'h.[01].attn.w', '', 'h.0.attn.w|wte'])(
    '"%s" matches nothing',
    (pattern) => {
      expect(() => frozenNames(specs, [pattern])).toThrow(InputError);
      expect(() => frozenNames(specs, ['wte', pattern])).toThrow(
        expect.objectContaining({ code: 'freeze-unmatched' }) as Error,
      );
    },
  );

  it('that match nothing are answered with the nearest name, or with examples', () => {
    expect(() => toyRegistry(2, { freeze: ['h.1.atn.w'] })).toThrow(/Did you mean "h\.1\.attn\.w"\?/);
    expect(() => toyRegistry(2, { freeze: ['transformer.*'] })).toThrow(/the model has wte, h\.0\.norm\.g/);
  });
});

describe('what is frozen', () => {
  it('is no leaf but a constant, has its own structure, and is read as ever', () => {
    const plain = toyRegistry(2);
    const registry = toyRegistry(2, { freeze: ['wte', '*.attn.*'] });
    expect(ids(registry)).toEqual(['h.0.norm.g', 'h.0.mlp.w', 'h.1.norm.g', 'h.1.mlp.w']);
    const { frozen, leaves, view } = registry.binding();
    expect(frozen.map(values)).toEqual([values(plain.view().global('wte')), read(plain, 0), read(plain, 1)]);
    const seen = view(
      leaves.map(({ tensor }) => tensor),
      frozen,
    );
    expect(seen.global('wte')).toBe(frozen[0]);
    expect(seen.block(1, 'attn.w')).toBe(frozen[2]);
    expect(plain.binding().key).toBe('norms:0* 1*|attention:0* 1*|mlp:0* 1*;accumulate');
    const keys = [
      plain,
      registry,
      toyRegistry(2, { freeze: ['wte'] }),
      toyRegistry(2, { freeze: ['h.1.mlp.w'] }),
    ];
    expect(new Set(keys.map((one) => one.binding().key)).size).toBe(4);
    expect(toyRegistry(2, { freeze: ['*.attn.w', 'wte'] }).binding().key).toBe(registry.binding().key);
  });

  it('may be declared by the model', () => {
    const stack = toyStack(2);
    const parameters = stack.parameters.map((spec) =>
      spec.name === 'mlp.w' ? { ...spec, trainable: false } : spec,
    );
    const registry = new WeightRegistry({ ...stack, parameters }, createRandomStreams(1), {
      freeze: ['wte'],
    });
    registry.initialize();
    expect(ids(registry)).toEqual(['h.0.norm.g', 'h.0.attn.w', 'h.1.norm.g', 'h.1.attn.w']);
  });

  it('cannot be updated', () => {
    const leaf = leafOf(toyRegistry(2), 'h.1.attn.w');
    const registry = toyRegistry(2, { freeze: ['h.1.*'] });
    const zeros = tf.zeros([2, 2]);
    expect(() => registry.update(leaf, { parameter: zeros, slots: {}, step: 1 })).toThrow(
      expect.objectContaining({ code: 'leaf-unknown' }) as Error,
    );
  });

  it("is the owner's matter where a block is shared, and decided anew when it has another owner", () => {
    const follower = toyRegistry(3, { freeze: ['h.1.*'] }, [0, 0, 2]);
    expect(ids(follower).filter((id) => id.endsWith('attn.w'))).toEqual(['h.0.attn.w', 'h.2.attn.w']);
    expect(leafOf(follower, 'h.0.attn.w').uses).toBe(2);
    bumpAll(follower);
    const moved = read(follower, 1);
    expect(moved).toEqual(read(follower, 0));
    // Untied, layer 1 is frozen: it keeps what it used, and nothing of its optimizer.
    follower.untie(1);
    bumpAll(follower);
    expect(read(follower, 1)).toEqual(moved);
    expect(slotNames(follower).some((name) => name.startsWith('h.1.'))).toBe(false);

    const heir = toyRegistry(3, { freeze: ['h.1.*'], follow: 'snapshot' }, [0, 1, 1]);
    expect(ids(heir).filter((id) => id.startsWith('h.'))).toEqual(['h.0.norm.g', 'h.0.attn.w', 'h.0.mlp.w']);
    const block = read(heir, 2);
    bumpAll(heir);
    expect(read(heir, 2)).toEqual(block);
    heir.tie(1, 0);
    expect(leafOf(heir, 'h.2.attn.w').state).toBeUndefined();
    bumpAll(heir);
    expect(read(heir, 2)).toEqual(block.map((x) => Math.fround(x + 1)));

    const other = toyRegistry(3, { freeze: ['h.2.*'], follow: 'snapshot' }, [0, 1, 1]);
    bumpAll(other);
    other.tie(1, 0);
    expect(slotNames(other)).toEqual(['wte', 'h.0.norm.g', 'h.0.attn.w', 'h.0.mlp.w']);
  });

  it('is not updated through an alias of the official profile, nor from its own position', () => {
    const owner = toyRegistry(2, { profile: 'official', freeze: ['h.0.*'] });
    owner.tie(1, 0);
    owner.tie(1, 1);
    expect(ids(owner)).toEqual(['wte']);
    const alias = toyRegistry(2, { profile: 'official', freeze: ['h.1.*'] });
    alias.tie(1, 0);
    alias.tie(1, 1);
    expect(ids(alias)).toEqual(['wte', 'h.0.norm.g', 'h.0.attn.w', 'h.0.mlp.w']);
  });

  it('takes up no slots of a saved state of before it was frozen', () => {
    const before = toyRegistry(2);
    bumpAll(before);
    const registry = new WeightRegistry(toyStack(2), createRandomStreams(2), { freeze: ['h.0.*'] });
    registry.restore(saved(before.snapshot()), savedWeights(before));
    expect(slotNames(registry)).toEqual(['wte', 'h.1.norm.g', 'h.1.attn.w', 'h.1.mlp.w']);
    const again = new WeightRegistry(toyStack(2), createRandomStreams(2), { freeze: ['h.0.*'] });
    again.restore(saved(registry.snapshot()), savedWeights(registry));
    expect(everything(again)).toStrictEqual(everything(registry));
  });
});

describe('any sequence of decisions and steps', () => {
  const parent = (layer: number): fc.Arbitrary<number> => fc.oneof(fc.nat(layer), fc.constant(layer));
  const command = fc.oneof(
    fc.nat(LAYERS - 1).chain((layer) => fc.record({ layer: fc.constant(layer), source: parent(layer) })),
    fc.record({
      map: fc.tuple(parent(0), parent(1), parent(2), parent(3)),
      component: fc.option(fc.constantFrom('norms', 'attention', 'mlp'), { nil: undefined }),
    }),
    fc.constant('step' as const),
    fc.constant('step' as const),
  );
  type Command = typeof command extends fc.Arbitrary<infer One> ? One : never;
  const options = fc.record({
    follow: fc.constantFrom('root' as const, 'snapshot' as const),
    untie: fc.constantFrom('clone' as const, 'alias' as const),
    moments: fc.constantFrom('copy' as const, 'reset' as const, 'keep' as const),
    gradient: fc.constantFrom('accumulate' as const, 'mean' as const, 'source-only' as const),
  });
  // At least one of these stays free: a step without any leaf is none.
  const frozen = fc.subarray(['wte', 'h.0.attn.w', 'h.1.mlp.w', 'h.2.gate', 'h.2.norm.g', 'h.3.attn.w']);

  const positions = ({ parameters }: Stack) =>
    parameters
      .filter(({ sharing }) => sharing !== 'global')
      .flatMap((spec) => Array.from({ length: LAYERS }, (_, layer) => ({ spec, layer })));

  it('changes a frozen or tied position through its owner only, and every owner that is free', () => {
    const run = (chosen: Partial<SharingOptions>, list: readonly Command[], freeze: string[]): void => {
      const registry = toyRegistry(LAYERS, { ...chosen, freeze }, undefined, 1, true);
      for (const one of list) {
        if (one !== 'step') {
          if ('map' in one) {
            const { map: tieMap, component } = one;
            registry.apply({ kind: 'map', tieMap, ...(component && { component }) });
          } else registry.tie(one.layer, one.source);
          continue;
        }
        const now = (layer: number, name: string): string => read(registry, layer, name).join();
        const all = positions(registry.stack);
        const before = all.map(({ spec, layer }) => now(layer, spec.name));
        const wte = values(registry.view().global('wte')).join();
        trainingStep(registry);
        expect(values(registry.view().global('wte')).join() === wte).toBe(freeze.includes('wte'));
        all.forEach(({ spec, layer }, index) => {
          const { name, sharing, component } = spec;
          const owner = sharing === 'position' ? layer : registry.tieMapOf(component as string)[layer]!;
          const after = now(layer, name);
          expect(after).toBe(now(owner, name));
          expect(after === before[index], `${name} of ${layer}`).toBe(freeze.includes(`h.${owner}.${name}`));
        });
        expect(slotNames(registry).filter((name) => freeze.includes(name))).toEqual([]);
      }
      registry.dispose();
    };
    fc.assert(fc.property(options, fc.array(command, { maxLength: 10 }), frozen, run), { numRuns: 60 });
  });
});
