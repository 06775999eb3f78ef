/**
 * Three layers x <- x P + tanh(x V + b) U, where some read the V, b and U of an earlier one. V and U are what a layer can
 * be adapted in; the head and P, which is every layer's own, cannot be.
 */
import { createRandomStream } from '@ligature/core';
import type { ParameterSpec, ParameterView } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs-core';

export const LAYERS = 3;
const [WIDTH, INNER] = [3, 5];
const initializer = { kind: 'normal', standardDeviation: 0.5 } as const;

export const specs: readonly ParameterSpec[] = [
  { name: 'head', shape: [WIDTH, 2], initializer, sharing: 'global' },
  { name: 'mlp.up', shape: [WIDTH, INNER], initializer, sharing: 'block', component: 'mlp' },
  { name: 'mlp.bias', shape: [INNER], initializer, sharing: 'block', component: 'norms' },
  { name: 'mlp.down', shape: [INNER, WIDTH], initializer, sharing: 'block', component: 'mlp', decay: false },
  { name: 'private', shape: [WIDTH, WIDTH], initializer, sharing: 'position' },
];

export interface Stored {
  readonly names: readonly string[];
  /** In the order of `names`. */
  readonly tensors: readonly Tensor[];
  readonly specs: readonly ParameterSpec[];
  /** Sees the given tensors, in the order of `names`, or those stored. */
  view(tensors?: readonly Tensor[]): ParameterView;
}

/** Weights as a registry would hold them: blocks once, under the name of the layer that owns them. */
export function store(all: readonly ParameterSpec[], tieMap: readonly number[], seed = 1): Stored {
  const names: string[] = [];
  const made: Tensor[] = [];
  const found: ParameterSpec[] = [];
  for (const spec of all) {
    const owners = spec.sharing === 'block' ? [...new Set(tieMap)] : [...tieMap.keys()];
    for (const name of spec.sharing === 'global'
      ? [spec.name]
      : owners.map((layer) => `h.${layer}.${spec.name}`)) {
      const stream = createRandomStream(seed, name);
      const { initializer: start, shape } = spec;
      const values = Float32Array.from({ length: shape.reduce((size, side) => size * side, 1) }, () =>
        start.kind === 'constant' ? start.value : stream.normal(0, start.standardDeviation),
      );
      names.push(name);
      made.push(tf.tensor(values, [...shape]));
      found.push(spec);
    }
  }
  return {
    names,
    tensors: made,
    specs: found,
    view(tensors = made) {
      const of = (name: string): Tensor => {
        const tensor = tensors[names.indexOf(name)];
        if (!tensor) throw new Error(`there is no weight ${name}`);
        return tensor;
      };
      const shared = new Map(all.map(({ name, sharing }) => [name, sharing === 'block']));
      return {
        global: of,
        block: (layer, name) => of(`h.${shared.get(name) ? tieMap[layer]! : layer}.${name}`),
      };
    },
  };
}

/** Ops with gradients of their own, because tfjs-core brings none in Node. */
function apply(
  value: (...inputs: Tensor2D[]) => Tensor,
  gradient: (dy: Tensor2D, inputs: Tensor2D[]) => Tensor[],
  ...inputs: Tensor[]
): Tensor2D {
  return tf.customGrad((...parts) => {
    const save = parts.pop() as unknown as tf.GradSaveFunc;
    save(parts as Tensor[]);
    return {
      value: value(...(parts as Tensor2D[])),
      gradFunc: (dy: Tensor, saved: Tensor[]) => gradient(dy as Tensor2D, saved as Tensor2D[]),
    };
  })(...inputs) as Tensor2D;
}

const product = (x: Tensor, w: Tensor): Tensor2D =>
  apply(
    (a, b) => tf.matMul(a, b),
    (dy, [a, b]) => [tf.matMul(dy, b!, false, true), tf.matMul(a!, dy, true, false)],
    ...[x, w],
  );
const activated = (x: Tensor, bias: Tensor): Tensor2D =>
  apply(
    (a, b) => tf.tanh(tf.add(a, b)),
    (dy, [a, b]) => {
      const slope = tf.mul(dy, tf.sub(1, tf.square(tf.tanh(tf.add(a!, b!)))));
      return [slope, tf.sum(slope, 0)];
    },
    ...[x, bias],
  );
const sum = (x: Tensor, y: Tensor): Tensor2D =>
  apply(
    (a, b) => tf.add(a, b),
    (dy) => [tf.clone(dy), tf.clone(dy)],
    ...[x, y],
  );

/** [4, 2] */
export function outputs(view: ParameterView): Tensor2D {
  return tf.tidy(() => {
    const stream = createRandomStream(7, 'data');
    let x = tf.tensor2d(
      Float32Array.from({ length: 4 * WIDTH }, () => stream.normal(0, 1)),
      [4, WIDTH],
    );
    for (let layer = 0; layer < LAYERS; layer += 1) {
      const hidden = activated(product(x, view.block(layer, 'mlp.up')), view.block(layer, 'mlp.bias'));
      x = sum(product(x, view.block(layer, 'private')), product(hidden, view.block(layer, 'mlp.down')));
    }
    return product(x, view.global('head'));
  });
}

/** Half of the sum of the squares of its outputs. */
export const loss = (view: ParameterView): Scalar =>
  apply(
    (x) => tf.mul(tf.sum(tf.square(x)), 0.5),
    (dy, [x]) => [tf.mul(x!, dy)],
    outputs(view),
  ) as unknown as Scalar;

export const numbers = (tensor: Tensor): number[] => [...tensor.dataSync()];
