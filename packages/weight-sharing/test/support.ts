/** A tiny language model (a stack, its loss and its cost) with the three components of GPT-2, and steps with plain gradient descent. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import {
  createRandomStreams,
  type ModelCost,
  type ParameterSpec,
  type ParameterView,
  type Stack,
  type TieMap,
} from '@ligature/core';
import { WeightRegistry, type Binding, type Leaf, type SharingOptions } from '../src/index.js';
import { registerToyGradients } from './toy-gradients.js';

registerToyGradients();
// Spares the test log tfjs's advice to install a faster backend.
tf.env().set('IS_TEST', true);

export const WIDTH = 2;
export const VOCABULARY = 3;

/** @param privates whether every layer has a `gate` of its own, too */
export function toyStack(layers: number, privates = false): Stack {
  const normal = { kind: 'normal', standardDeviation: 0.5 } as const;
  const one = { kind: 'constant', value: 1 } as const;
  const block = (name: string, component: string, shape: number[]): ParameterSpec => ({
    name,
    component,
    shape,
    sharing: 'block',
    initializer: name.startsWith('norm') ? one : normal,
  });
  const gate: ParameterSpec = { name: 'gate', shape: [WIDTH], sharing: 'position', initializer: one };
  return {
    name: 'toy',
    layers,
    parameters: [
      { name: 'wte', shape: [VOCABULARY, WIDTH], initializer: normal, sharing: 'global' },
      block('norm.g', 'norms', [WIDTH]),
      ...(privates ? [gate] : []),
      block('attn.w', 'attention', [WIDTH, WIDTH]),
      block('mlp.w', 'mlp', [WIDTH, WIDTH]),
    ],
    blockParameterName: (layer, name) => `h.${layer}.${name}`,
  };
}

/** Mean loss of [batch, time] token ids. */
export function toyLoss(
  { layers, parameters }: Stack,
  view: ParameterView,
  inputs: tf.Tensor2D,
  labels: tf.Tensor2D,
): tf.Scalar {
  const gated = parameters.some(({ name }) => name === 'gate');
  return tf.tidy(() => {
    const [batch, time] = inputs.shape;
    let x: tf.Tensor2D = tf.matMul(
      tf.reshape(tf.oneHot(inputs, VOCABULARY, 1, 0, 'float32'), [batch * time, VOCABULARY]) as tf.Tensor2D,
      view.global('wte') as tf.Tensor2D,
    );
    for (let layer = 0; layer < layers; layer += 1) {
      const normed = tf.mul(x, view.block(layer, 'norm.g')) as tf.Tensor2D;
      x = tf.add(x, tf.tanh(tf.matMul(normed, view.block(layer, 'attn.w') as tf.Tensor2D)));
      x = tf.add(x, tf.tanh(tf.matMul(x, view.block(layer, 'mlp.w') as tf.Tensor2D)));
      if (gated) x = tf.mul(x, view.block(layer, 'gate'));
    }
    const logits = tf.matMul(x, view.global('wte') as tf.Tensor2D, false, true);
    const logs = tf.logSoftmax(tf.reshape(logits, [batch, time, VOCABULARY]) as tf.Tensor3D);
    const hits = tf.mul(tf.oneHot(labels, VOCABULARY, 1, 0, 'float32'), -1 / labels.size);
    return tf.sum(tf.mul(logs, hits)) as tf.Scalar;
  });
}

export function toyCost(batch: number, time: number): ModelCost {
  const one = 2 * batch * time * WIDTH * WIDTH;
  return {
    weightFlops: { 'attn.w': one, 'mlp.w': one, wte: 2 * batch * time * WIDTH * VOCABULARY },
    layerActivationFlops: 0,
    layerActivationBytes: 4 * batch * time * WIDTH,
    globalActivationBytes: 0,
  };
}

export function toyRegistry(
  layers: number,
  options: Partial<SharingOptions> = {},
  initial?: TieMap,
  seed = 1,
  privates = false,
): WeightRegistry {
  const registry = new WeightRegistry(toyStack(layers, privates), createRandomStreams(seed), options);
  registry.initialize(initial);
  return registry;
}

export const values = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());

/** What layer i reads for a parameter. */
export const read = (registry: WeightRegistry, layer: number, name = 'attn.w'): number[] =>
  values(registry.view().block(layer, name));

/** Everything that the model can see, as numbers. */
export const readAll = (registry: WeightRegistry): number[][] => [
  values(registry.view().global('wte')),
  ...Array.from({ length: registry.stack.layers }, (_, layer) =>
    registry.stack.parameters
      .filter(({ sharing }) => sharing !== 'global')
      .flatMap(({ name }) => read(registry, layer, name)),
  ),
];

const tokens = (): { inputs: tf.Tensor2D; labels: tf.Tensor2D } => ({
  inputs: tf.tensor2d([0, 1, 2, 1], [2, 2], 'int32'),
  labels: tf.tensor2d([1, 2, 0, 2], [2, 2], 'int32'),
});

export function loss(registry: WeightRegistry): number {
  return tf.tidy(() => {
    const { inputs, labels } = tokens();
    return toyLoss(registry.stack, registry.view(), inputs, labels).dataSync()[0] as number;
  });
}

/** Gradients of the loss by the leaves of a binding, by leaf id. */
export function gradients(registry: WeightRegistry, binding: Binding): Map<string, number[]> {
  const found = new Map<string, number[]>();
  tf.tidy(() => {
    const { inputs, labels } = tokens();
    const of = tf.grads((...leaves: tf.Tensor[]) =>
      toyLoss(registry.stack, binding.view(leaves, binding.frozen), inputs, labels),
    );
    const grads = of(binding.leaves.map((leaf) => leaf.tensor));
    binding.leaves.forEach((leaf, index) => found.set(leaf.id, values(grads[index] as tf.Tensor)));
  });
  return found;
}

/** One update of one leaf: adds `delta` to the weight and 1 to m, 2 to v, 1 to the step count. */
export function bump(registry: WeightRegistry, leaf: Leaf, delta: number): void {
  const { slots, step } = leaf.state ?? {};
  const zeros = (): tf.Tensor => tf.zeros([...leaf.spec.shape]);
  const { parameter, m, v } = tf.tidy(() => ({
    parameter: tf.add(registry.storageOf(leaf), delta),
    m: tf.add(slots?.['m'] ?? zeros(), 1),
    v: tf.add(slots?.['v'] ?? zeros(), 2),
  }));
  registry.update(leaf, { parameter, slots: { m, v }, step: (step ?? 0) + 1 });
}

export const bumpAll = (registry: WeightRegistry, delta = 1): void =>
  registry.binding().leaves.forEach((leaf) => bump(registry, leaf, delta));

export const leafOf = (registry: WeightRegistry, id: string): Leaf => {
  const leaf = registry.binding().leaves.find((one) => one.id === id);
  if (!leaf) throw new Error(`no leaf ${id}`);
  return leaf;
};
