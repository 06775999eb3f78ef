/** The ledger against a walk over all positions, on all 203 maps of 6 layers and on official actions. */
import { describe, expect, it } from 'vitest';
import '@tensorflow/tfjs-backend-cpu';
import fc from 'fast-check';
import {
  allTieMaps,
  createRandomStreams,
  type Ledger,
  type ModelCost,
  type ParameterSpec,
  type Stack,
} from '@ligature/core';
import { WeightRegistry, type SharingOptions } from '../src/index.js';
import { naiveCounts, type Counts, type Walk } from './naive-counts.js';
import { bumpAll } from './support.js';

const LAYERS = 6;
const COMPONENTS = ['norms', 'attention', 'mlp'];

/** Sizes and costs are all different, so that nothing can stand in for another. */
function stackWith(privates: boolean, still: string | undefined): Stack {
  const spec = (
    name: string,
    shape: number[],
    sharing: ParameterSpec['sharing'],
    component?: string,
  ): ParameterSpec => ({
    name,
    shape,
    sharing,
    initializer: { kind: 'constant', value: 0 },
    ...(component && { component }),
    ...(name === still && { trainable: false }),
  });
  return {
    name: 'counted',
    layers: LAYERS,
    parameters: [
      spec('wte', [7, 2], 'global'),
      spec('ln.g', [3], 'block', 'norms'),
      spec('attn.w', [2, 5], 'block', 'attention'),
      ...(privates ? [spec('lora.a', [1, 11], 'position')] : []),
      spec('attn.b', [13], 'block', 'attention'),
      spec('mlp.w', [17], 'block', 'mlp'),
      ...(privates ? [spec('lora.b', [19], 'position')] : []),
      spec('ln_f', [23], 'global'),
    ],
    blockParameterName: (layer, name) => `h.${layer}.${name}`,
  };
}

const COST: ModelCost = {
  weightFlops: { wte: 29, 'attn.w': 101, 'mlp.w': 1009, 'lora.a': 10_007, 'lora.b': 100_003 },
  layerActivationFlops: 1_000_003,
  layerActivationBytes: 31,
  globalActivationBytes: 37,
};

interface Case {
  readonly freeze: readonly string[];
  /** The same, written out for the walk. */
  readonly frozen: (name: string) => boolean;
  /** A parameter that the stack itself declares frozen. */
  readonly still?: string;
}

const layerOf = (name: string): number | undefined =>
  name.startsWith('h.') ? Number(name.split('.')[1]) : undefined;

const CASES: Record<string, Case> = {
  'nothing frozen': { freeze: [], frozen: () => false },
  'a component frozen': { freeze: ['*.attn.*'], frozen: (name) => name.includes('.attn.') },
  'one layer frozen': { freeze: ['h.2.*'], frozen: (name) => layerOf(name) === 2 },
  'a weight that the model declares frozen': {
    freeze: [],
    frozen: (name) => name.endsWith('.mlp.w'),
    still: 'mlp.w',
  },
  'embeddings and the first layers frozen': {
    freeze: ['wte', 'ln_f', 'h.0.*', 'h.1.*'],
    frozen: (name) => ['wte', 'ln_f'].includes(name) || (layerOf(name) ?? 9) < 2,
  },
  'all but the mlp of one layer frozen': {
    freeze: ['wte', 'ln_f', '*.ln.*', '*.attn.*', ...[0, 1, 2, 4, 5].map((i) => `h.${i}.mlp.w`)],
    frozen: (name) => name !== 'h.3.mlp.w' && !name.includes('lora'),
  },
  'everything frozen': { freeze: ['*'], frozen: () => true },
};

const fullName = (spec: ParameterSpec, layer: number | null): string =>
  layer === null ? spec.name : `h.${layer}.${spec.name}`;

/** @param maps by component; one that is not in it is tied nowhere */
const cleanWalk =
  (maps: Readonly<Record<string, readonly number[]>>, frozen: Case['frozen'], sourceOnly: boolean): Walk =>
  (spec, layer) => {
    if (layer === null || spec.sharing === 'position') {
      const trains = !frozen(fullName(spec, layer));
      return { storage: fullName(spec, layer), trains, differentiated: trains };
    }
    const owner = maps[spec.component as string]?.[layer] ?? layer;
    const owned = !frozen(fullName(spec, owner));
    const trains = owned && owner === layer;
    return { storage: fullName(spec, owner), trains, differentiated: sourceOnly ? trains : owned };
  };

const counted = ({ bytes, ...rest }: Ledger): Counts => ({
  uniqueParameters: rest.uniqueParameters,
  trainableParameters: rest.trainableParameters,
  loggedTrainableParameters: rest.loggedTrainableParameters,
  totalParameters: rest.totalParameters,
  bytes: { weights: bytes.weights, gradients: bytes.gradients, activations: bytes.activations },
  flops: rest.flops,
});

function registryOf(stack: Stack, options: Partial<SharingOptions>): WeightRegistry {
  const registry = new WeightRegistry(stack, createRandomStreams(1), options);
  registry.initialize();
  return registry;
}

describe.each(['accumulate', 'source-only'] as const)('the ledger, %s', (gradient) => {
  describe.each([false, true])('with weights of every layer of its own: %s', (privates) => {
    it.each(Object.entries(CASES))('equals a walk on all 203 maps, %s', (_, { freeze, frozen, still }) => {
      const stack = stackWith(privates, still);
      const registry = registryOf(stack, { gradient, freeze });
      const all = [...allTieMaps(LAYERS)];
      expect(all).toHaveLength(203);
      all.forEach((map, index) => {
        registry.apply({ kind: 'map', tieMap: map });
        const whole = Object.fromEntries(COMPONENTS.map((one) => [one, map]));
        const walk = (maps: typeof whole): Counts =>
          naiveCounts(stack, COST, cleanWalk(maps, frozen, gradient === 'source-only'));
        expect(counted(registry.ledger(COST))).toEqual(walk(whole));
        // The MLPs go ways of their own.
        const other = all[202 - index] as number[];
        registry.apply({ kind: 'map', tieMap: other, component: 'mlp' });
        expect(counted(registry.ledger(COST))).toEqual(walk({ ...whole, mlp: other }));
      });
      registry.dispose();
    });
  });

  it('counts what is left out of the tying in every layer', () => {
    const stack = stackWith(true, undefined);
    const registry = registryOf(stack, { gradient, components: ['attention', 'mlp'], freeze: ['h.1.ln.g'] });
    for (const tieMap of allTieMaps(LAYERS)) {
      registry.apply({ kind: 'map', tieMap });
      const maps = { attention: tieMap, mlp: tieMap };
      const walk = cleanWalk(maps, (name) => name === 'h.1.ln.g', gradient === 'source-only');
      expect(counted(registry.ledger(COST))).toEqual(naiveCounts(stack, COST, walk));
    }
    registry.dispose();
  });
});

it('has slots of what trains only: two for each such parameter after one update of all', () => {
  for (const [, { freeze, frozen, still }] of Object.entries(CASES)) {
    const stack = stackWith(true, still);
    const registry = registryOf(stack, { freeze });
    const tieMap = [0, 0, 2, 2, 0, 5];
    registry.apply({ kind: 'map', tieMap });
    bumpAll(registry);
    const maps = Object.fromEntries(COMPONENTS.map((one) => [one, tieMap]));
    const { trainableParameters } = naiveCounts(stack, COST, cleanWalk(maps, frozen, false));
    expect(registry.ledger(COST).bytes.moments).toBe(2 * 4 * trainableParameters);
    registry.dispose();
  }
});

describe('the official ledger', () => {
  const actions = fc.array(
    fc.integer({ min: 1, max: LAYERS - 1 }).chain((layer) => fc.tuple(fc.constant(layer), fc.nat(layer))),
    { maxLength: 12 },
  );

  it.each(Object.entries(CASES))('equals a walk after any actions, %s', (_, { freeze, frozen, still }) => {
    fc.assert(
      fc.property(actions, fc.boolean(), (list, privates) => {
        const stack = stackWith(privates, still);
        const registry = registryOf(stack, { profile: 'official', freeze });
        // The code's own lists: what a position reads, and whether it takes gradients.
        const reads = [0, 1, 2, 3, 4, 5];
        const unfrozen = [true, false, false, false, false, false];
        const walk: Walk = (spec, layer) => {
          const own = layer === null || spec.sharing === 'position';
          const storage = fullName(spec, own ? layer : (reads[layer] as number));
          const trains =
            (own || unfrozen[layer] === true) && !frozen(fullName(spec, layer)) && !frozen(storage);
          return { storage, trains, differentiated: trains };
        };
        const check = (): void =>
          expect(counted(registry.ledger(COST))).toEqual(naiveCounts(stack, COST, walk));
        check();
        for (const [layer, source] of list) {
          registry.apply({ kind: 'layer', layer, source });
          reads[layer] = reads[source] as number;
          unfrozen[layer] = layer === source;
          check();
        }
        registry.dispose();
      }),
      { numRuns: 25 },
    );
  });
});
