/**
 * How far a block moves that several layers use. The loss is a sum of dot products with constants, one for each use of a
 * weight: gradients are known by hand, and so is every step of SGD and AdamW.
 */
import '@tensorflow/tfjs-backend-cpu';
import {
  createRandomStreams,
  type Batch,
  type Objective,
  type Optimizer,
  type ParameterSpec,
} from '@ligature/core';
import { WeightRegistry, type SharingOptions } from '@ligature/weight-sharing';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { createAdamW, createMuon, createSgd, trainStep } from '../src/index.js';

const LAYERS = 4;
/** Multiples of powers of two: the sums and products of a step of SGD are exact in 32 bits. */
const SLOPES = { bias: [0.5, -1], 'attn.w': [0.25, 0.5], 'mlp.w': [-0.5, 0.125], gate: [1, 2] };
type Name = keyof typeof SLOPES;

const initializer = { kind: 'constant', value: 1 } as const;
const parameters: readonly ParameterSpec[] = [
  { name: 'bias', shape: [2], initializer, sharing: 'global' },
  { name: 'attn.w', shape: [2], initializer, sharing: 'block', component: 'attention' },
  { name: 'mlp.w', shape: [2], initializer, sharing: 'block', component: 'mlp' },
  { name: 'gate', shape: [2], initializer, sharing: 'position' },
];

/** Sum over all uses of <slope, weight>: the gradient of a weight is its slope times its uses. */
const objective: Objective = {
  name: 'straight',
  layers: LAYERS,
  parameters,
  blockParameterName: (layer, name) => `h.${layer}.${name}`,
  stochastic: false,
  scores: ['loss'],
  loss: (view) => {
    const names = Array.from({ length: LAYERS }, () => ['attn.w', 'mlp.w', 'gate'] as const);
    const uses: [Tensor, Name][] = [
      [view.global('bias'), 'bias'],
      ...names.flatMap((list, layer) => list.map((name): [Tensor, Name] => [view.block(layer, name), name])),
    ];
    const slopes = uses.map(([, name]) => SLOPES[name]);
    const sum = tf.customGrad((...inputs) => {
      inputs.pop();
      const dots = (inputs as Tensor[]).map((weight, at) => tf.sum(tf.mul(weight, slopes[at]!)));
      return {
        value: tf.addN(dots),
        gradFunc: (dy: Tensor) => slopes.map((slope) => tf.mul(dy, slope)),
      };
    });
    return sum(...uses.map(([weight]) => weight)) as Scalar;
  },
  score: () => tf.zeros([1, 1]),
  cost: () => {
    throw new Error('nobody asks');
  },
};

const BATCH: Batch = { fields: {}, weight: 1 };
const RATE = 0.25;
/** Blocks of three layers and of one. */
const MAP = [0, 0, 2, 0];

function registryOf(sharing: Partial<SharingOptions>, map = MAP): WeightRegistry {
  const registry = new WeightRegistry(objective, createRandomStreams(1), sharing);
  registry.initialize(map);
  return registry;
}

async function train(registry: WeightRegistry, optimizer: Optimizer, steps = 1): Promise<void> {
  for (let step = 0; step < steps; step += 1) {
    await trainStep(objective, registry, [BATCH], RATE, { optimizer, clipNorm: null });
  }
}

/** Every storage after so many steps, by its name in files. */
async function trained(
  sharing: Partial<SharingOptions>,
  optimizer: Optimizer,
  steps = 1,
): Promise<Map<string, number[]>> {
  const registry = registryOf(sharing);
  await train(registry, optimizer, steps);
  const { tensors } = registry.exportWeights();
  registry.dispose();
  return new Map([...tensors].map(([name, { data }]) => [name, [...(data as Float32Array)]]));
}

const slopeOf = (name: string): number[] => SLOPES[name.replace(/^h\.\d\./, '') as Name];
const usesOf = (name: string): number => (/^h\.0\.(attn|mlp)/.test(name) ? 3 : 1);

const RULES = {
  none: () => 1,
  'inverse-sqrt': (n: number) => 1 / Math.sqrt(n),
  inverse: (n: number) => 1 / n,
};
const rules = Object.entries(RULES) as [keyof typeof RULES, (uses: number) => number][];

describe('a step of a block with n uses', () => {
  it.each(rules)('of SGD is that of a block of its own, times the factor of %s', async (stepSize, factor) => {
    const weights = await trained({ stepSize }, createSgd({ momentum: 0 }));
    expect(weights.size).toBe(1 + 2 * 2 + LAYERS);
    for (const [name, values] of weights) {
      const uses = usesOf(name);
      const size = Math.fround(RATE * factor(uses));
      const expected = slopeOf(name).map((slope) => Math.fround(1 - Math.fround(size * uses * slope)));
      expect(values, name).toEqual(expected);
    }
  });

  it.each(rules)(
    'of AdamW is too (%s), while its decay is that of every weight',
    async (stepSize, factor) => {
      const [beta1, beta2, epsilon, weightDecay] = [0.9, 0.99, 1e-8, 0.1];
      const optimizer = createAdamW({ beta1, beta2, epsilon, weightDecay, decay: 'all' });
      const weights = await trained({ stepSize }, optimizer, 3);
      for (const [name, values] of weights) {
        const uses = usesOf(name);
        const expected = slopeOf(name).map((slope) => {
          // Kingma & Ba 2015, algorithm 1, and the decoupled decay of Loshchilov & Hutter 2019, in 64 bits.
          const gradient = uses * slope;
          let [weight, m, v] = [1, 0, 0];
          for (let t = 1; t <= 3; t += 1) {
            m = beta1 * m + (1 - beta1) * gradient;
            v = beta2 * v + (1 - beta2) * gradient ** 2;
            const direction = m / (1 - beta1 ** t) / (Math.sqrt(v / (1 - beta2 ** t)) + epsilon);
            weight -= RATE * weightDecay * weight + RATE * factor(uses) * direction;
          }
          return weight;
        });
        values.forEach((value, at) => expect(value, `${name} ${at}`).toBeCloseTo(expected[at]!, 5));
      }
    },
  );

  it('is the same for optimizers that know nothing of it, and 1/sqrt(n) unless something else is said', async () => {
    for (const optimizer of [createMuon(), createSgd(), createAdamW({ weightDecay: 0 })]) {
      const [plain, usual] = [await trained({ stepSize: 'none' }, optimizer), await trained({}, optimizer)];
      const moved = (weights: Map<string, number[]>, name: string): number => 1 - weights.get(name)![0]!;
      expect(moved(usual, 'h.0.attn.w') / moved(plain, 'h.0.attn.w')).toBeCloseTo(1 / Math.sqrt(3), 5);
      for (const name of ['bias', 'h.2.attn.w', 'h.0.gate', 'h.3.gate']) {
        expect(usual.get(name), name).toEqual(plain.get(name));
      }
    }
  });
});

describe('the factor of a block', () => {
  const factors = (registry: WeightRegistry): Record<string, number> =>
    Object.fromEntries(registry.binding().leaves.map(({ id, stepFactor }) => [id, stepFactor]));

  it('follows the map at once, for each component by its own', async () => {
    const registry = registryOf({ stepSize: 'inverse' }, [0, 0, 0, 0]);
    expect(factors(registry)).toMatchObject({
      bias: 1,
      'h.0.attn.w': 1 / 4,
      'h.0.mlp.w': 1 / 4,
      'h.1.gate': 1,
    });
    await train(registry, createSgd());
    registry.untie(2, 'attention');
    expect(factors(registry)).toMatchObject({ 'h.0.attn.w': 1 / 3, 'h.2.attn.w': 1, 'h.0.mlp.w': 1 / 4 });
    registry.tie(3, 2);
    expect(factors(registry)).toMatchObject({ 'h.0.attn.w': 1 / 2, 'h.2.attn.w': 1 / 2, 'h.0.mlp.w': 1 / 4 });
    registry.dispose();
  });

  it('is 1 under the official profile, whatever is asked', async () => {
    const registry = registryOf({ profile: 'official', stepSize: 'inverse' }, [0, 0, 0, 0]);
    expect(new Set(Object.values(factors(registry)))).toEqual(new Set([1]));
    registry.dispose();
  });
});
