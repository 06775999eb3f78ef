/** A registry that was saved and restored goes on as the one that was not. */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import { createRandomStreams, type Snapshot } from '@ligature/core';
import { WeightRegistry, type SharingOptions } from '../src/index.js';
import { everything, saved, savedWeights, trainingStep } from './snapshots.js';
import { bump, bumpAll, leafOf, read, toyCost, toyStack, toyRegistry, values } from './support.js';

const LAYERS = 4;

type Command = { tie: [layer: number, source: number, component?: string] } | { map: number[] } | 'step';

const parent = (layer: number): fc.Arbitrary<number> => fc.oneof(fc.nat(layer), fc.constant(layer));
const component = fc.option(fc.constantFrom('norms', 'attention', 'mlp'), { nil: undefined, freq: 2 });
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.nat(LAYERS - 1), component)
      .chain(([layer, part]) => parent(layer).map((source) => ({ tie: [layer, source, part] }) as Command)),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(parent(0), parent(1), parent(2), parent(3)).map((map) => ({ map })),
  },
  { weight: 3, arbitrary: fc.constant<Command>('step') },
);

const clean: fc.Arbitrary<Partial<SharingOptions>> = fc.record({
  profile: fc.constant('clean' as const),
  gradient: fc.constantFrom('accumulate' as const, 'mean' as const, 'source-only' as const),
  untie: fc.constantFrom('clone' as const, 'reinitialize' as const, 'alias' as const),
  moments: fc.constantFrom('copy' as const, 'reset' as const, 'keep' as const),
  follow: fc.constantFrom('root' as const, 'snapshot' as const),
  components: fc.subarray(['norms', 'attention', 'mlp'], { minLength: 1 }),
});
const official = fc.constant<Partial<SharingOptions>>({ profile: 'official' });

function play(registry: WeightRegistry, commands: readonly Command[]): void {
  const { profile, components } = registry.options;
  for (const one of commands) {
    if (one === 'step') trainingStep(registry);
    else if ('map' in one) registry.apply({ kind: 'map', tieMap: one.map });
    else {
      const [layer, source, part] = one.tie;
      const possible = profile === 'clean' && part !== undefined && components.includes(part);
      registry.tie(layer, source, possible ? part : undefined);
    }
  }
}

/** Restored into a registry of another process: fresh streams, and, if asked for, weights that must all go. */
function resumed(
  state: Snapshot,
  weights: ReturnType<typeof savedWeights>,
  streams: Snapshot,
  options: Partial<SharingOptions>,
  initialized: boolean,
): WeightRegistry {
  const own = createRandomStreams(77);
  const registry = new WeightRegistry(toyStack(LAYERS), own, options);
  if (initialized) {
    registry.initialize();
    bumpAll(registry);
    registry.binding();
  }
  registry.restore(state, weights);
  own.restore(streams);
  return registry;
}

describe('a registry saved at any point and restored', () => {
  it.each([
    ['clean', clean],
    ['official', official],
  ] as const)('%s: has the same weights, moments, keys and ledger, and goes on the same', (_, options) => {
    fc.assert(
      fc.property(
        options,
        fc.array(command, { maxLength: 9 }),
        fc.array(command, { maxLength: 6 }),
        fc.boolean(),
        (chosen, before, after, initialized) => {
          const start = tf.memory().numTensors;
          const streams = createRandomStreams(5);
          const whole = new WeightRegistry(toyStack(LAYERS), streams, chosen);
          whole.initialize();
          play(whole, before);
          const state = saved(whole.snapshot());
          const weights = savedWeights(whole);
          const again = resumed(state, weights, saved(streams.snapshot()), chosen, initialized);
          expect(everything(again)).toStrictEqual(everything(whole));
          // To the end, through a second interruption.
          play(whole, after);
          play(again, after.slice(0, 2));
          const third = new WeightRegistry(toyStack(LAYERS), createRandomStreams(5), chosen);
          third.restore(saved(again.snapshot()), savedWeights(again));
          // Streams are of the run, not of the registry: the third goes on with the second's.
          expect(everything(third)).toStrictEqual(everything(again));
          play(again, after.slice(2));
          expect(everything(again)).toStrictEqual(everything(whole));
          for (const registry of [whole, again, third]) registry.dispose();
          expect(tf.memory().numTensors).toBe(start);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('is a copy: later updates do not reach it', () => {
    const registry = toyRegistry(2);
    bumpAll(registry);
    const state = registry.snapshot();
    const before = saved(state);
    bumpAll(registry);
    registry.tie(1, 0);
    expect(state).toStrictEqual(before);
    registry.dispose();
  });

  it('keeps moments that no block has now, for the day that it has one again', () => {
    const registry = toyRegistry(3, { moments: 'keep' });
    bumpAll(registry);
    registry.tie(1, 0);
    bumpAll(registry);
    bumpAll(registry);
    const again = new WeightRegistry(toyStack(3), createRandomStreams(9), { moments: 'keep' });
    again.restore(saved(registry.snapshot()), savedWeights(registry));
    again.untie(1);
    // `bump` adds 1 to m and to the count: layer 1 had one update of its own, layer 0 three.
    const { state } = leafOf(again, 'h.1.attn.w');
    expect([state?.step, values(state!.slots['m'] as tf.Tensor)]).toEqual([1, [1, 1, 1, 1]]);
    expect(leafOf(again, 'h.0.attn.w').state?.step).toBe(3);
    registry.dispose();
    again.dispose();
  });

  it('is read as AdamW alone wrote it: its two moments are the slots m and v', () => {
    const registry = toyRegistry(3, {}, [0, 0, 2]);
    bumpAll(registry);
    bump(registry, leafOf(registry, 'h.2.mlp.w'), 1);
    const { slots, ...rest } = saved(registry.snapshot()) as unknown as {
      slots: { name: string; step: number; slots: { m: Float32Array; v: Float32Array } }[];
    };
    const moments = slots.map(({ name, step, slots: { m, v } }) => ({ name, step, m, v }));
    const again = new WeightRegistry(toyStack(3), createRandomStreams(9));
    again.restore({ ...rest, moments }, savedWeights(registry));
    expect(everything(again)).toStrictEqual(everything(registry));
    for (const one of [registry, again]) one.dispose();
  });

  it('holds whatever slots an optimizer has, none included, with their count', () => {
    const registry = toyRegistry(2);
    const velocity = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const change = { parameter: tf.zeros([2, 2]), slots: { velocity }, step: 7 };
    registry.update(leafOf(registry, 'h.1.attn.w'), change);
    registry.update(leafOf(registry, 'h.1.mlp.w'), { parameter: tf.zeros([2, 2]), slots: {}, step: 3 });
    expect(registry.ledger(toyCost(1, 1)).bytes.moments).toBe(4 * 4);
    const again = new WeightRegistry(toyStack(2), createRandomStreams(9));
    again.restore(saved(registry.snapshot()), savedWeights(registry));
    expect(everything(again)).toStrictEqual(everything(registry));
    expect(values(leafOf(again, 'h.1.attn.w').state!.slots['velocity']!)).toEqual([1, 2, 3, 4]);
    expect(leafOf(again, 'h.1.mlp.w').state).toEqual({ slots: {}, step: 3 });
    for (const one of [registry, again]) one.dispose();
  });

  it('keeps aliases, action log and frozen positions of the official profile, which no map tells', () => {
    const registry = toyRegistry(4, { profile: 'official' });
    registry.tie(2, 1);
    registry.tie(1, 0);
    // By hand: layer 2 still reads storage 1, which its own position 1 has left; layer 3 is frozen as at the start.
    const state = saved(registry.snapshot()) as { layout: unknown };
    expect(state.layout).toEqual({
      slots: [0, 0, 1, 3],
      state: [0, 0, 1, 0],
      trains: [true, false, false, false],
    });
    const again = new WeightRegistry(toyStack(4), createRandomStreams(9), { profile: 'official' });
    again.restore(saved(registry.snapshot()), savedWeights(registry));
    expect(read(again, 2)).toEqual(read(registry, 2));
    // Untying only unfreezes: the leaf of position 2 updates storage 1.
    again.tie(2, 2);
    expect(leafOf(again, 'h.2.attn.w').storage).toBe('h.1.attn.w');
    expect(again.state).toEqual([0, 0, 2, 0]);
    // The maps of the weights file alone would log layer 2 as independent, and let layers 2 and 3 take gradients.
    const imported = new WeightRegistry(toyStack(4), createRandomStreams(9), { profile: 'official' });
    imported.importWeights(savedWeights(registry));
    expect(imported.state).toEqual([0, 0, 2, 3]);
    for (const one of [registry, again, imported]) one.dispose();
  });
});

describe('a state that does not fit', () => {
  interface State {
    profile: string;
    layout: { tieMaps: Record<string, number[]> };
    slots: { name: string; step: number; slots: Record<string, Float32Array> }[];
  }
  const source = (): WeightRegistry => {
    const registry = toyRegistry(3, {}, [0, 0, 2]);
    bump(registry, leafOf(registry, 'h.2.attn.w'), 1);
    return registry;
  };
  const four = (): Float32Array => new Float32Array(4);
  const changes: [string, (state: State) => unknown, RegExp][] = [
    ['of another profile', (s) => (s.profile = 'official'), /profile official/],
    ['with a shorter map', (s) => (s.layout.tieMaps['mlp'] = [0, 0]), /\[0, 0\], is none of 3/],
    ['with a forward reference', (s) => (s.layout.tieMaps['mlp'] = [0, 2, 2]), /mlp/],
    ['with a map that is not canonical', (s) => (s.layout.tieMaps['mlp'] = [0, 0, 1]), /mlp/],
    ['with a negative layer', (s) => (s.layout.tieMaps['mlp'] = [0, 0, -1]), /list of layers/],
    ['with no map of a component', (s) => delete s.layout.tieMaps['mlp'], /no tie map of mlp/],
    ['with one more', (s) => (s.layout.tieMaps['bias'] = [0, 1, 2]), /no component "bias"/],
    ['with another map than the weights', (s) => (s.layout.tieMaps['mlp'] = [0, 1, 2]), /in the weights/],
    ['without a layout', (s) => delete (s as Partial<State>).layout, /no state of a registry/],
    ['with unknown slots', (s) => (s.slots[0]!.name = 'h.9.attn.w'), /"h.9.attn.w"/],
    ['with slots twice', (s) => s.slots.push({ ...s.slots[0]! }), /twice/],
    ['with a short slot', (s) => (s.slots[0]!.slots['v'] = new Float32Array(3)), /4 numbers/],
    ['with a slot as a list', (s) => (s.slots[0]!.slots['m'] = [0, 0, 0, 0] as never), /no state/],
    ['with half an update', (s) => (s.slots[0]!.step = 0.5), /no state/],
    ['with updates below zero', (s) => (s.slots[0]!.step = -1), /no state/],
    [
      'with a name that is none',
      (s) => s.slots.push({ name: '__proto__', step: 1, slots: { m: four(), v: four() } }),
      /"__proto__"/,
    ],
  ];

  it.each(changes)('%s is refused, and nothing changes', (_, change, found) => {
    const registry = source();
    const state = saved(registry.snapshot()) as unknown as State;
    change(state);
    const target = toyRegistry(3, {}, [0, 1, 1], 4);
    const before = everything(target);
    const { numTensors } = tf.memory();
    const weights = savedWeights(registry);
    expect(() => target.restore(state as unknown as Snapshot, weights)).toThrow(
      expect.objectContaining({
        name: 'ContractError',
        code: 'registry-state-mismatch',
        message: expect.stringMatching(found) as string,
      }) as Error,
    );
    expect(everything(target)).toEqual(before);
    expect(tf.memory().numTensors).toBe(numTensors);
    registry.dispose();
    target.dispose();
  });

  it('of components that this registry does not tie is refused', () => {
    const registry = source();
    const only = new WeightRegistry(toyStack(3), createRandomStreams(1), { components: ['mlp'] });
    expect(() => only.restore(saved(registry.snapshot()), savedWeights(registry))).toThrow(/does not tie it/);
    registry.dispose();
  });

  it('of the official profile is refused where log and frozen positions, or layers, disagree', () => {
    const registry = toyRegistry(3, { profile: 'official' });
    const weights = savedWeights(registry);
    const state = saved(registry.snapshot()) as { layout: Record<string, Snapshot> };
    const restore = (part: Record<string, Snapshot>): void =>
      registry.restore({ ...state, layout: { ...state.layout, ...part } }, weights);
    expect(() => restore({ trains: [true, true, false] })).toThrow(/disagree/);
    expect(() => restore({ trains: [true] })).toThrow(/disagree/);
    expect(() => restore({ slots: [0, 2, 2] })).toThrow(/3 layers/);
    expect(() => restore({ state: [0, 0] })).toThrow(/3 layers/);
    expect(() => restore({ state: 'none' })).toThrow(/official profile/);
    registry.dispose();
  });

  it('is refused when a weight is missing, has another shape or is one too many', () => {
    const registry = source();
    const state = saved(registry.snapshot());
    const { tensors, metadata } = savedWeights(registry);
    const with_ = (name: string, weight?: { shape: number[]; data: Float32Array }) => {
      const map = new Map(tensors as ReadonlyMap<string, { shape: readonly number[]; data: Float32Array }>);
      if (weight) map.set(name, weight);
      else map.delete(name);
      return { tensors: map, metadata };
    };
    const before = everything(registry);
    const refused = (file: ReturnType<typeof with_>): unknown => {
      try {
        return registry.restore(state, file);
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    const { numTensors } = tf.memory();
    expect(refused(with_('h.2.attn.w'))).toBe('weight-missing');
    expect(refused(with_('h.2.attn.w', { shape: [4], data: four() }))).toBe('weight-shape');
    expect(refused(with_('h.1.attn.w', { shape: [2, 2], data: four() }))).toBe('weight-superfluous');
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(everything(registry)).toEqual(before);
    registry.dispose();
    expect(() => registry.restore(state, { tensors, metadata })).toThrow(/disposed/);
    expect(() => registry.snapshot()).toThrow(/disposed/);
  });

  it('is refused whatever it is', () => {
    const registry = source();
    const weights = savedWeights(registry);
    const before = everything(registry);
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('', 'profile', 'layout', 'slots'), (junk, part) => {
        const state = part === '' ? junk : { ...(registry.snapshot() as object), [part]: junk };
        fc.pre(
          JSON.stringify(state) !== JSON.stringify(registry.snapshot()) &&
            !(part === 'slots' && Array.isArray(junk) && junk.length === 0) &&
            !(part === 'profile' && junk === 'clean'),
        );
        expect(() => registry.restore(state as Snapshot, weights)).toThrow(
          expect.objectContaining({ code: 'registry-state-mismatch' }) as Error,
        );
      }),
      { numRuns: 300 },
    );
    expect(everything(registry)).toEqual(before);
    registry.dispose();
  });
});
