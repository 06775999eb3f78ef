/** Random sequences of ties, unties, maps and updates against a slow twin made of plain objects. */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import { createRandomStreams, independentLayers, tieMapFromBlocks, type TieMap } from '@ligature/core';
import { WeightRegistry, type SharingOptions } from '../src/index.js';
import { bump, loss, readAll, toyStack, toyRegistry, values, toyCost } from './support.js';

const LAYERS = 5;
const NAMES = { norms: 'norm.g', attention: 'attn.w', mlp: 'mlp.w' } as const;
type Component = keyof typeof NAMES;
const COMPONENTS = Object.keys(NAMES) as Component[];

/** A block of one component: one number stands for the whole weight. */
interface Block {
  weight: number;
  steps: number;
}

/** Sharing is object identity: nothing here knows of roots, storages or clones. */
class Twin {
  readonly blocks: Record<Component, Block[]>;

  constructor(
    private readonly options: Pick<SharingOptions, 'follow' | 'moments'>,
    private readonly governed: readonly Component[],
  ) {
    const fresh = (): Block[] => Array.from({ length: LAYERS }, (_, i) => ({ weight: 100 * i, steps: 0 }));
    this.blocks = { norms: fresh(), attention: fresh(), mlp: fresh() };
  }

  #copy(block: Block): Block {
    return { weight: block.weight, steps: this.options.moments === 'copy' ? block.steps : 0 };
  }

  tie(layer: number, source: number, components: readonly Component[]): void {
    for (const component of components) {
      const blocks = this.blocks[component];
      const old = blocks[layer] as Block;
      const owner = blocks.indexOf(old) === layer;
      if (source === layer) {
        if (!owner) blocks[layer] = this.#copy(old);
        continue;
      }
      const block = blocks[source] as Block;
      const along = owner && this.options.follow === 'root';
      blocks.forEach((one, i) => {
        if (i === layer || (along && one === old)) blocks[i] = block;
      });
    }
  }

  map(map: TieMap): void {
    const roots: number[] = [];
    map.forEach((parent, layer) => roots.push(parent === layer ? layer : (roots[parent] as number)));
    for (const component of this.governed) {
      const before = [...this.blocks[component]];
      const own = before.map((block, i) => (before.indexOf(block) === i ? block : this.#copy(block)));
      this.blocks[component] = roots.map((root) => own[root] as Block);
    }
  }
}

type Command =
  | { do: 'tie'; layer: number; source: number; component: Component | undefined }
  | { do: 'map'; map: number[] }
  | { do: 'update'; pick: number };

const parent = (layer: number): fc.Arbitrary<number> => fc.nat(layer);
const commands: fc.Arbitrary<Command> = fc.oneof(
  fc.nat(LAYERS - 1).chain((layer) =>
    fc.record({
      do: fc.constant('tie' as const),
      layer: fc.constant(layer),
      source: fc.oneof(parent(layer), fc.constant(layer)),
      component: fc.option(fc.constantFrom(...COMPONENTS), { nil: undefined }),
    }),
  ),
  fc.record({
    do: fc.constant('map' as const),
    map: fc.tuple(...Array.from({ length: LAYERS }, (_, i) => parent(i))),
  }),
  fc.record({ do: fc.constant('update' as const), pick: fc.nat(1000) }),
);

function start(options: Partial<SharingOptions>): WeightRegistry {
  const model = toyStack(LAYERS);
  const weights = new Map([['wte', { shape: [3, 2], data: [0, 0, 0, 0, 0, 0] }]]);
  for (let layer = 0; layer < LAYERS; layer += 1) {
    for (const { name, shape, sharing } of model.parameters) {
      if (sharing === 'global') continue;
      const size = shape.reduce((a, b) => a * b, 1);
      weights.set(`h.${layer}.${name}`, {
        shape: [...shape],
        data: Array(size).fill(100 * layer) as number[],
      });
    }
  }
  const registry = new WeightRegistry(model, createRandomStreams(1), options);
  registry.initialize(undefined, weights);
  return registry;
}

/** Every observable of the registry equals the twin's. */
function compare(registry: WeightRegistry, twin: Twin): void {
  const binding = registry.binding();
  for (const component of COMPONENTS) {
    const blocks = twin.blocks[component];
    const name = NAMES[component];
    const map = tieMapFromBlocks(blocks);
    expect(registry.tieMapOf(component)).toEqual(map);
    // The number of distinct storages is the number of independent layers.
    expect(registry.distinctStorages()[component]).toBe(independentLayers(map).length);
    blocks.forEach((block, layer) => {
      const seen = values(registry.view().block(layer, name));
      expect(seen, `${name} of ${layer}`).toEqual(seen.map(() => block.weight));
    });
    const leaves = binding.leaves.filter((leaf) => leaf.spec.name === name);
    expect(leaves.map((leaf) => leaf.id)).toEqual(independentLayers(map).map((i) => `h.${i}.${name}`));
    leaves.forEach((leaf, index) => {
      const owner = independentLayers(map)[index] as number;
      expect(leaf.uses).toBe(map.filter((root) => root === owner).length);
      expect(leaf.state?.step ?? 0).toBe((blocks[owner] as Block).steps);
      const m = leaf.state?.slots['m'];
      if (m) expect(values(m)[0]).toBe((blocks[owner] as Block).steps);
    });
  }
}

/** Tensors that the registry may hold: one for each weight, two for the moments of each, the binding's clones. */
function expectedTensors(registry: WeightRegistry, detached: boolean): number {
  const { leaves, frozen } = registry.binding();
  const moments = leaves.filter((leaf) => leaf.state).length;
  return leaves.length + 2 * moments + (detached ? frozen.length : 0);
}

describe('any sequence of ties, unties, maps and updates', () => {
  const options = fc.record({
    follow: fc.constantFrom('root' as const, 'snapshot' as const),
    moments: fc.constantFrom('copy' as const, 'reset' as const),
    gradient: fc.constantFrom('accumulate' as const, 'source-only' as const),
    components: fc.subarray(COMPONENTS, { minLength: 1 }),
  });

  it('does what sharing by object identity does, and holds no tensor more', () => {
    fc.assert(
      fc.property(options, fc.array(commands, { maxLength: 14 }), (chosen, list) => {
        const before = tf.memory().numTensors;
        const registry = start(chosen);
        const twin = new Twin(chosen, chosen.components);
        for (const command of list) {
          if (command.do === 'map') {
            registry.apply({ kind: 'map', tieMap: command.map });
            twin.map(command.map);
          } else if (command.do === 'tie') {
            const { layer, source, component } = command;
            if (component && !chosen.components.includes(component)) continue;
            registry.tie(layer, source, component);
            twin.tie(layer, source, component ? [component] : chosen.components);
          } else {
            // Updates one leaf: a position changes only through its owner, which `compare` sees.
            const leaves = registry.binding().leaves.filter((leaf) => leaf.spec.sharing === 'block');
            const leaf = leaves[command.pick % leaves.length] as (typeof leaves)[number];
            bump(registry, leaf, 1);
            const component = leaf.spec.component as Component;
            const block = twin.blocks[component][Number(leaf.id.split('.')[1])] as Block;
            block.weight += 1;
            block.steps += 1;
          }
          compare(registry, twin);
          const held = expectedTensors(registry, chosen.gradient === 'source-only');
          expect(tf.memory().numTensors - before).toBe(held);
        }
        registry.dispose();
        expect(tf.memory().numTensors).toBe(before);
      }),
      { numRuns: 60 },
    );
  });

  it('leaves the forward pass unchanged at each untie, and memory where it was', () => {
    const registry = toyRegistry(4, {}, [0, 0, 0, 0]);
    const round = (): void => {
      for (const layer of [1, 2, 3]) {
        const before = [loss(registry), readAll(registry)];
        registry.untie(layer);
        expect([loss(registry), readAll(registry)]).toEqual(before);
      }
      registry.binding().leaves.forEach((leaf, index) => bump(registry, leaf, 0.01 * index));
      for (const layer of [3, 2, 1]) registry.tie(layer, 0);
      registry.binding();
    };
    round();
    const { numTensors, numBytes } = tf.memory();
    for (let again = 0; again < 50; again += 1) round();
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(tf.memory().numBytes).toBe(numBytes);
    registry.dispose();
  });

  it('works inside a tidy: what the registry holds survives it', () => {
    const registry = toyRegistry(2, { gradient: 'source-only' }, [0, 0]);
    // Not returned from the tidy, which would spare it.
    let frozen: readonly tf.Tensor[] = [];
    tf.tidy(() => {
      const { leaves } = registry.binding();
      bump(registry, leaves[1] as (typeof leaves)[number], 1);
      frozen = registry.binding().frozen;
    });
    expect(frozen.map((tensor) => tensor.isDisposed)).toEqual([false, false, false]);
    expect(readAll(registry).flat().every(Number.isFinite)).toBe(true);
    registry.dispose();
    expect(frozen.every((tensor) => tensor.isDisposed)).toBe(true);
  });

  it.each([{ gradient: 'source-only' }, { profile: 'official' }] as const)(
    'frees old values as soon as their leaf is updated, %j',
    (options) => {
      const registry = toyRegistry(3, options, [0, 0, 2]);
      // Under the official profile layer 1 keeps the alias and becomes a leaf of its own; layer 2 stays frozen.
      if ('profile' in options) registry.tie(1, 1);
      registry.binding().leaves.forEach((leaf) => bump(registry, leaf, 1));
      const { numBytes } = tf.memory();
      registry.binding().leaves.forEach((leaf) => bump(registry, leaf, 1));
      expect(tf.memory().numBytes).toBe(numBytes);
      const held = registry.ledger(toyCost(1, 1)).bytes;
      registry.dispose();
      expect(numBytes - tf.memory().numBytes).toBe(held.weights + held.moments);
    },
  );
});
