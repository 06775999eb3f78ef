import '@tensorflow/tfjs-backend-cpu';
import { createRandomStream } from '@ligature/core';
import type { Adapter, ModelCost } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLora, plugin } from '../src/index.js';
import { LAYERS, loss, numbers, outputs, specs, store, type Stored } from './toy.js';

const TIED = [0, 0, 2];

let before = 0;
const kept: Tensor[] = [];

beforeEach(() => {
  before = tf.memory().numTensors;
});

afterEach(() => {
  tf.dispose(kept.splice(0));
  expect(tf.memory().numTensors).toBe(before);
});

function stored(adapter: Adapter, tieMap = TIED): Stored {
  const made = store(adapter.wrap(specs).parameters, tieMap);
  kept.push(...made.tensors);
  return made;
}

/** The same with other tensors for some names. */
function with_(base: Stored, change: (name: string, tensor: Tensor) => Tensor): Tensor[] {
  const tensors = base.tensors.map((tensor, index) => change(base.names[index]!, tensor));
  kept.push(...tensors.filter((tensor) => !base.tensors.includes(tensor)));
  return tensors;
}

const random = (seed: number, shape: readonly number[]): Tensor2D => {
  const stream = createRandomStream(seed, 'random');
  const values = Float32Array.from({ length: shape[0]! * shape[1]! }, () => stream.normal(0, 0.5));
  return tf.tensor2d(values, shape as [number, number]);
};

const read = (make: () => Tensor): number[] => tf.tidy(() => numbers(make()));

const distance = (a: readonly number[], b: readonly number[]): number =>
  Math.hypot(...a.map((value, place) => value - b[place]!));

/** Everything random, so that B is not zero. */
const grown = (base: Stored): Tensor[] =>
  with_(base, (name, tensor) =>
    name.endsWith('.B') ? random(base.names.indexOf(name), tensor.shape) : tensor,
  );

describe('lora', () => {
  it('adds private factors to every matrix of a block and freezes the rest', () => {
    const adapted = createLora({ rank: 2 }).wrap(specs).parameters;
    expect(adapted.map(({ name }) => name)).toEqual([
      'head',
      'mlp.up',
      'lora.mlp.up.A',
      'lora.mlp.up.B',
      'mlp.bias',
      'mlp.down',
      'lora.mlp.down.A',
      'lora.mlp.down.B',
      'private',
    ]);
    for (const spec of adapted) {
      const factor = spec.name.startsWith('lora.');
      expect(spec.trainable ?? true).toBe(factor);
      if (factor) expect(spec.sharing).toBe('position');
    }
    const [, , a, b] = adapted;
    expect(a).toMatchObject({ shape: [3, 2], initializer: { kind: 'normal', standardDeviation: 1 / 3 } });
    expect(b).toMatchObject({ shape: [2, 5], initializer: { kind: 'constant', value: 0 } });
  });

  it('leaves what trains as it is when all trains', () => {
    const adapted = createLora({ train: 'all' }).wrap(specs).parameters;
    expect(adapted.filter(({ name }) => !name.startsWith('lora.'))).toEqual(specs);
    expect(adapted.every(({ trainable }) => trainable === undefined)).toBe(true);
  });

  it.each([
    [['mlp.up'], ['mlp.up']],
    [['*.down'], ['mlp.down']],
    [['m*d*n'], ['mlp.down']],
    [['mlp.*'], ['mlp.up', 'mlp.down']],
    [
      ['*.up', '*.down'],
      ['mlp.up', 'mlp.down'],
    ],
  ])('adapts %j', (targets, expected) => {
    const names = createLora({ targets })
      .wrap(specs)
      .parameters.map(({ name }) => name);
    const adapted = names.filter((name) => name.endsWith('.A'));
    expect(adapted).toEqual(expected.map((name) => `lora.${name}.A`));
  });

  it.each(['mlp', 'mlp.bias', 'head', 'private', 'mlp_up', 'mlpxup'])(
    'refuses %s, which is no matrix of a block',
    (name) => {
      const adapter = createLora({ targets: ['mlp.up', name] });
      expect(() => adapter.wrap(specs)).toThrow(
        expect.objectContaining({
          code: 'lora-target-unknown',
          message: expect.stringMatching(/mlp\.up, mlp\.down/) as string,
        }),
      );
    },
  );

  it('changes nothing before it is trained, to the last bit', () => {
    const adapter = createLora({ rank: 4, alpha: 3 });
    const base = stored(adapter);
    const plain = read(() => outputs(base.view()));
    expect(read(() => outputs(adapter.wrap(specs).view(base.view())))).toEqual(plain);
    // Which is no accident of a model without effect.
    const other = read(() => outputs(adapter.wrap(specs).view(base.view(grown(base)))));
    expect(distance(other, plain)).toBeGreaterThan(0.1);
  });

  it('of full rank represents any difference', () => {
    const adapter = createLora({ rank: 3, alpha: 6 });
    const base = stored(adapter);
    const wanted = new Map<string, Tensor2D>();
    const factors = new Map<string, Tensor2D>();
    for (let layer = 0; layer < LAYERS; layer += 1) {
      for (const [name, shape] of [
        ['mlp.up', [3, 5]],
        ['mlp.down', [5, 3]],
      ] as const) {
        const other = random(100 + layer + shape[0], shape);
        const difference = tf.tidy(() => tf.sub(other, base.view().block(layer, name)) as Tensor2D);
        // Of the two factors one is the identity, on the shorter side; alpha / rank is 2.
        const half = tf.tidy(() => tf.div(difference, 2) as Tensor2D);
        const [a, b] = shape[0] === 3 ? [tf.eye(3), half] : [half, tf.eye(3)];
        wanted.set(`${layer} ${name}`, other);
        factors.set(`h.${layer}.lora.${name}.A`, a).set(`h.${layer}.lora.${name}.B`, b);
        kept.push(other, difference, half, a, b);
      }
    }
    const tensors = base.tensors.map((tensor, index) => factors.get(base.names[index]!) ?? tensor);
    const view = adapter.wrap(specs).view(base.view(tensors));
    tf.tidy(() => {
      for (let layer = 0; layer < LAYERS; layer += 1) {
        for (const name of ['mlp.up', 'mlp.down']) {
          const expected = numbers(wanted.get(`${layer} ${name}`)!);
          expect(distance(numbers(view.block(layer, name)), expected)).toBeLessThan(1e-6);
        }
      }
    });
  });

  it('lets layers differ that share a block', () => {
    const adapter = createLora({ rank: 1 });
    const base = stored(adapter);
    const [plain, view] = [
      adapter.wrap(specs).view(base.view()),
      adapter.wrap(specs).view(base.view(grown(base))),
    ];
    tf.tidy(() => {
      expect(numbers(plain.block(0, 'mlp.up'))).toEqual(numbers(plain.block(1, 'mlp.up')));
      expect(distance(numbers(view.block(0, 'mlp.up')), numbers(view.block(1, 'mlp.up')))).toBeGreaterThan(
        0.01,
      );
      expect(view.block(1, 'mlp.bias')).toBe(base.view().block(0, 'mlp.bias'));
    });
  });

  it.each(['adapter', 'all'] as const)('trains A and B by their gradients: %s', (train) => {
    const adapter = createLora({ rank: 2, alpha: 3, train });
    const base = stored(adapter);
    const tensors = grown(base);
    const places = base.specs.flatMap(({ trainable = true }, place) => (trainable ? [place] : []));
    const trained = places.map((place) => base.names[place]!);
    expect(trained.some((name) => !name.includes('lora.'))).toBe(train === 'all');
    expect(trained.filter((name) => name.includes('lora.')).length).toBe(2 * 2 * LAYERS);
    const lossOf = (...leaves: Tensor[]): tf.Scalar => {
      const all = [...tensors];
      places.forEach((place, index) => (all[place] = leaves[index]!));
      return loss(adapter.wrap(specs).view(base.view(all)));
    };
    const leaves = places.map((place) => tensors[place]!);
    const grads = tf.tidy(() => tf.grads(lossOf)(leaves));
    kept.push(...grads);
    // Along a direction of each, beside a central difference.
    grads.forEach((gradient, index) => {
      const [found, expected] = tf.tidy(() => {
        const size = gradient.size;
        const direction = tf.reshape(random(index + 1, [size, 1]), gradient.shape);
        const at = (step: number): number => {
          const moved = leaves.map((leaf, place) =>
            place === index ? tf.add(leaf, tf.mul(direction, step)) : leaf,
          );
          return numbers(lossOf(...moved))[0]!;
        };
        const slope = numbers(tf.sum(tf.mul(gradient, direction)))[0]!;
        return [slope, (at(0.01) - at(-0.01)) / 0.02];
      });
      expect(Math.abs(found! - expected!), trained[index]).toBeLessThan(2e-3 * (1 + Math.abs(expected!)));
      expect(Math.hypot(...numbers(gradient)), trained[index]).toBeGreaterThan(1e-4);
    });
  });

  it('counts its products, and the gradient that A and B are made from, with A', () => {
    const adapter = createLora({ rank: 2, targets: ['mlp.up'] });
    const { cost: added } = adapter.wrap(specs);
    const cost: ModelCost = {
      weightFlops: { head: 10, 'mlp.up': 120, 'mlp.down': 120 },
      layerActivationFlops: 3,
      layerActivationBytes: 100,
      globalActivationBytes: 7,
    };
    expect(added!(cost, {})).toEqual({
      weightFlops: { head: 10, 'mlp.down': 120, 'lora.mlp.up.A': 120 + 2 * 3 * 2 * 5 },
      layerActivationFlops: 3,
      layerActivationBytes: 100 + 4 * 3 * 5,
      globalActivationBytes: 7,
    });
  });

  it('refuses options out of range', () => {
    expect(() => createLora({ rank: 0 })).toThrow(expect.objectContaining({ code: 'options-invalid' }));
    expect(() => createLora({ targets: [] })).toThrow(expect.objectContaining({ code: 'options-invalid' }));
  });

  it('is an entry of the plug-in', async () => {
    const { meta, create } = plugin.adapters.lora;
    const adapter = await create(meta.options.parse({}), {});
    expect(adapter.name).toBe('lora');
    expect(adapter.wrap(specs).parameters.find(({ name }) => name === 'lora.mlp.up.A')!.shape).toEqual([
      3, 8,
    ]);
  });
});
