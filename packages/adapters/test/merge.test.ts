import '@tensorflow/tfjs-backend-cpu';
import { createRandomStream } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { createLora, mergeLora, type NamedWeights } from '../src/index.js';
import { LAYERS, numbers, outputs, specs, store } from './toy.js';

const [RANK, ALPHA] = [2, 5];
const adapter = createLora({ rank: RANK, alpha: ALPHA });
const wrapped = adapter.wrap(specs);
const adapted = wrapped.parameters;
const independent = [0, 1, 2];

/** Every layer's own copy of what it reads, and the outputs of the adapted model. */
function example(tieMap: number[]): {
  weights: Map<string, { shape: number[]; data: Float32Array }>;
  found: number[];
} {
  const base = store(adapted, tieMap);
  const weights = new Map<string, { shape: number[]; data: Float32Array }>();
  let found: number[] = [];
  tf.tidy(() => {
    const tensors = base.tensors.map((tensor, index) => {
      const name = base.names[index]!;
      if (!name.endsWith('.B')) return tensor;
      const stream = createRandomStream(3, name);
      return tf.tensor(
        Float32Array.from({ length: tensor.size }, () => stream.normal(0, 0.5)),
        tensor.shape,
      );
    });
    const view = base.view(tensors);
    for (const { name, sharing } of adapted) {
      for (let layer = 0; layer < (sharing === 'global' ? 1 : LAYERS); layer += 1) {
        const tensor = sharing === 'global' ? view.global(name) : view.block(layer, name);
        const full = sharing === 'global' ? name : `h.${layer}.${name}`;
        weights.set(full, { shape: [...tensor.shape], data: Float32Array.from(tensor.dataSync()) });
      }
    }
    found = numbers(outputs(wrapped.view(view)));
  });
  tf.dispose([...base.tensors]);
  return { weights, found };
}

/** Outputs of the model without an adapter. */
function plainOutputs(weights: NamedWeights): number[] {
  return tf.tidy(() => {
    const of = (name: string): tf.Tensor => {
      const { data, shape } = weights.get(name)!;
      return tf.tensor(Float32Array.from(data), [...shape]);
    };
    return numbers(outputs({ global: of, block: (layer, name) => of(`h.${layer}.${name}`) }));
  });
}

describe('mergeLora', () => {
  it.each([[independent], [[0, 0, 2]], [[0, 0, 0]]])(
    'gives weights of equal outputs for the map %j',
    (tieMap) => {
      const { weights, found } = example(tieMap);
      const before = new Map(
        [...weights].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]),
      );
      const merged = mergeLora(weights, { rank: RANK, alpha: ALPHA });
      expect(weights).toEqual(before);
      expect([...merged.keys()]).toEqual([...weights.keys()].filter((name) => !name.includes('lora.')));
      plainOutputs(merged).forEach((value, place) =>
        expect(Math.abs(value - found[place]!)).toBeLessThan(1e-5),
      );
      // And not those of the weights beneath it.
      const beneath = plainOutputs(weights);
      expect(Math.hypot(...beneath.map((value, place) => value - found[place]!))).toBeGreaterThan(0.1);
    },
  );

  it('takes the rank for alpha, as the adapter does', () => {
    const { weights } = example(independent);
    expect(mergeLora(weights)).toEqual(mergeLora(weights, { rank: RANK, alpha: RANK }));
    expect(mergeLora(weights)).not.toEqual(mergeLora(weights, { alpha: ALPHA }));
  });

  it('passes on weights that have no adapter', () => {
    const plain = new Map([['h.0.lora-like.weight', { shape: [1], data: [1] }]]);
    expect(mergeLora(plain)).toEqual(plain);
  });

  it.each(['h.1.mlp.up', 'h.1.lora.mlp.up.A', 'h.1.lora.mlp.up.B'])('refuses weights without %s', (name) => {
    const { weights } = example(independent);
    weights.delete(name);
    expect(() => mergeLora(weights)).toThrow(
      expect.objectContaining({ code: 'lora-incomplete', message: expect.stringContaining(name) as string }),
    );
  });

  it.each([
    ['h.0.mlp.up', [5, 3]],
    ['h.0.lora.mlp.up.A', [2, 3]],
    ['h.0.lora.mlp.up.B', [5, 2]],
  ])('refuses %s of shape %j', (name, shape) => {
    const { weights } = example(independent);
    weights.set(name, { shape, data: weights.get(name)!.data });
    expect(() => mergeLora(weights)).toThrow(expect.objectContaining({ code: 'lora-shape' }));
  });

  it('refuses another rank than the adapter was made with', () => {
    const { weights } = example(independent);
    expect(() => mergeLora(weights, { rank: 3 })).toThrow(expect.objectContaining({ code: 'lora-shape' }));
  });
});
