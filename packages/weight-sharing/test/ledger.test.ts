/** The ledger against closed formulas of a GPT-2 stack, written out here without looking at the model's parameters. */
import { describe, expect, it } from 'vitest';
import '@tensorflow/tfjs-backend-cpu';
import {
  allTieMaps,
  createRandomStreams,
  type ModelCost,
  type ParameterSpec,
  type Stack,
} from '@ligature/core';
import { WeightRegistry } from '../src/index.js';
import { CleanLayout } from '../src/layout/clean-layout.js';
import { blockParameters } from '../src/registry/block-parameters.js';
import { ledgerOf } from '../src/registry/ledger.js';
import { Wiring } from '../src/registry/wiring.js';
import { bumpAll } from './support.js';

interface Size {
  layers: number;
  width: number;
  vocabulary: number;
  context: number;
}

/** Names and shapes of GPT-2. */
function gpt2Sizes({ layers, width: d, vocabulary, context }: Size): Stack {
  const spec = (name: string, shape: number[], component?: string): ParameterSpec => ({
    name,
    shape,
    initializer: { kind: 'constant', value: 0 },
    sharing: component ? 'block' : 'global',
    ...(component && { component }),
  });
  return {
    name: 'gpt2-sizes',
    layers,
    parameters: [
      spec('transformer.wte.weight', [vocabulary, d]),
      spec('transformer.wpe.weight', [context, d]),
      spec('ln_1.weight', [d], 'norms'),
      spec('ln_1.bias', [d], 'norms'),
      spec('attn.c_attn.weight', [d, 3 * d], 'attention'),
      spec('attn.c_attn.bias', [3 * d], 'attention'),
      spec('attn.c_proj.weight', [d, d], 'attention'),
      spec('attn.c_proj.bias', [d], 'attention'),
      spec('ln_2.weight', [d], 'norms'),
      spec('ln_2.bias', [d], 'norms'),
      spec('mlp.c_fc.weight', [d, 4 * d], 'mlp'),
      spec('mlp.c_fc.bias', [4 * d], 'mlp'),
      spec('mlp.c_proj.weight', [4 * d, d], 'mlp'),
      spec('mlp.c_proj.bias', [d], 'mlp'),
      spec('transformer.ln_f.weight', [d]),
      spec('transformer.ln_f.bias', [d]),
    ],
    blockParameterName: (layer, name) => `transformer.h.${layer}.${name}`,
  };
}

function gpt2Cost({ width: d, vocabulary }: Size, batch: number, time: number): ModelCost {
  const rows = 2 * batch * time;
  return {
    weightFlops: {
      'transformer.wte.weight': rows * d * vocabulary,
      'attn.c_attn.weight': rows * 3 * d * d,
      'attn.c_proj.weight': rows * d * d,
      'mlp.c_fc.weight': rows * 4 * d * d,
      'mlp.c_proj.weight': rows * 4 * d * d,
    },
    layerActivationFlops: 4 * batch * time * time * d,
    layerActivationBytes: 1000 * batch * time,
    globalActivationBytes: 7 * batch * time,
  };
}

/** Without a tensor. */
function wiringOf(size: Size, map?: number[]): Wiring {
  const stack = gpt2Sizes(size);
  const parameters = blockParameters(stack);
  const { components } = parameters;
  const policies = { follow: 'root', untie: 'clone' } as const;
  const layout = new CleanLayout(size.layers, components, components, policies, map);
  return new Wiring(stack, parameters, layout, new Set(), false);
}

const SIZE = { layers: 6, width: 2, vocabulary: 5, context: 3 };
const [d, L] = [SIZE.width, SIZE.layers];
const GLOBALS = 5 * d + 3 * d + 2 * d;
const FORMULAS: Record<string, number> = {
  attention: 4 * d ** 2 + 4 * d,
  mlp: 8 * d ** 2 + 5 * d,
  norms: 4 * d,
};
const BLOCK = 12 * d ** 2 + 13 * d;

describe('the ledger', () => {
  const cases = [['attention', 'mlp', 'norms'], ['attention'], ['mlp'], ['norms'], ['attention', 'mlp']];
  for (const gradient of ['accumulate', 'source-only'] as const) {
    it.each(cases.map((components) => ({ components })))(
      `equals the closed formulas on all 203 maps, ${gradient}, $components`,
      ({ components }) => {
        const registry = new WeightRegistry(gpt2Sizes(SIZE), createRandomStreams(1), {
          components,
          gradient,
        });
        registry.initialize();
        let maps = 0;
        for (const tieMap of allTieMaps(L)) {
          maps += 1;
          registry.apply({ kind: 'map', tieMap });
          // Distinct entries of the map, counted without the registry's algebra.
          const M = new Set(tieMap).size;
          const of = (component: string): number => (components.includes(component) ? M : L);
          const unique =
            GLOBALS +
            ['attention', 'mlp', 'norms'].reduce((sum, one) => sum + of(one) * (FORMULAS[one] as number), 0);
          // Two sequences of three tokens: 6 positions, 24 d^2 weight operations each, 4 T d for attention.
          const weight = (one: string): number => (one === 'attention' ? 8 : 16) * 6 * d * d;
          const forward = L * (24 * 6 * d * d + 4 * 6 * 3 * d) + 2 * 6 * d * 5;
          const uses = (one: string): number => (gradient === 'accumulate' ? L : of(one));
          const backward =
            L * (24 * 6 * d * d + 2 * 4 * 6 * 3 * d) +
            2 * (2 * 6 * d * 5) +
            uses('attention') * weight('attention') +
            uses('mlp') * weight('mlp');
          expect(registry.ledger(gpt2Cost(SIZE, 2, 3))).toEqual({
            layers: L,
            // A layer with any tied component is not independent.
            independentLayers: M,
            distinctStorages: { attention: of('attention'), mlp: of('mlp'), norms: of('norms') },
            uniqueParameters: unique,
            trainableParameters: unique,
            loggedTrainableParameters: unique,
            totalParameters: GLOBALS + L * BLOCK,
            bytes: {
              weights: 4 * unique,
              gradients: 4 * unique,
              moments: 0,
              activations: L * 1000 * 6 + 7 * 6,
            },
            flops: { forward, backward, step: forward + backward },
          });
        }
        expect(maps).toBe(203);
        registry.dispose();
      },
    );
  }

  it('counts moments of every trained weight after one update, 8 bytes a parameter', () => {
    const registry = new WeightRegistry(gpt2Sizes(SIZE), createRandomStreams(1));
    registry.initialize([0, 0, 2, 2, 0, 5]);
    bumpAll(registry);
    expect(registry.ledger(gpt2Cost(SIZE, 1, 1)).bytes.moments).toBe(8 * (GLOBALS + 3 * BLOCK));
    registry.dispose();
  });

  it('knows the reference workload: 11.6 M parameters, about 76 GFLOP a step', () => {
    const size = { layers: 12, width: 256, vocabulary: 8192, context: 128 };
    const ledger = ledgerOf(wiringOf(size), gpt2Cost(size, 8, 128), 0);
    expect(ledger.totalParameters / 1e6).toBeCloseTo(11.6, 1);
    expect(Math.round(ledger.flops.step / 1e9)).toBe(76);
    expect(ledger.flops.step).toBe(3 * ledger.flops.forward);
  });

  it('knows the sizes of the paper: a block of width 1600 has 30.74 M parameters, 48 layers have 1556.4 M', () => {
    const size = { layers: 48, width: 1600, vocabulary: 50257, context: 257 };
    const sizes = (blocks: number): number => {
      const map = Array.from({ length: 48 }, (_, layer) => Math.min(layer, blocks - 1));
      return ledgerOf(wiringOf(size, map), gpt2Cost(size, 1, 1), 0).uniqueParameters / 1e6;
    };
    expect(sizes(2) - sizes(1)).toBeCloseTo(30.74, 2);
    expect([48, 7, 6, 4, 1].map((blocks) => Math.round(sizes(blocks)))).toEqual([1556, 296, 265, 204, 112]);
  });
});
