/**
 * The smallest causal model with layers to tie: each layer mixes the mean of the positions so far into a residual
 * stream. Its biases belong to a position of the stack, its matrices to blocks. Gradients are written out, because
 * tfjs-core registers none in Node.
 */
import {
  ContractError,
  InputError,
  type Decoder,
  type Head,
  type Mode,
  type Model,
  type ParameterView,
  type States,
  type TensorBatch,
} from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { op, product } from './gradients.js';

export interface ToyShape {
  readonly layers: number;
  readonly width: number;
  readonly context: number;
  readonly dropout: number;
  readonly vocabularySize: number;
}

/** x + tanh(m w + b) * mask; m is the mean of x over the positions so far, through `means` [rows, rows]. */
export const layerOp = (x: Tensor2D, w: Tensor, b: Tensor, means: Tensor2D, mask: Tensor2D): Tensor2D =>
  op(
    [x, w, b],
    [means, mask],
    (input, weight, bias) =>
      tf.add(
        input,
        tf.mul(tf.tanh(tf.add(tf.matMul(tf.matMul(means, input), weight), bias)), mask),
      ) as Tensor2D,
    (dy, [input, weight, bias, mixing, kept]) => {
      const mixed = tf.matMul(mixing!, input!);
      const active = tf.tanh(tf.add(tf.matMul(mixed, weight!), bias!));
      const inner = tf.mul(tf.mul(dy, kept!), tf.sub(1, tf.square(active))) as Tensor2D;
      const back = tf.matMul(mixing!, tf.matMul(inner, weight!, false, true), true, false);
      return [tf.add(dy, back), tf.matMul(mixed, inner, true, false), tf.sum(inner, 0)];
    },
  );

/** [batch * time, batch * time]: the mean of the positions up to each one, row by row. */
export function meansSoFar(batch: number, time: number): Tensor2D {
  const size = batch * time;
  const values = new Float32Array(size * size);
  for (let at = 0; at < size; at += 1) {
    const start = at - (at % time);
    for (let other = start; other <= at; other += 1) values[at * size + other] = 1 / (at - start + 1);
  }
  return tf.tensor2d(values, [size, size]);
}

const oneHot = (ids: Tensor, size: number): Tensor2D =>
  tf.oneHot(tf.reshape(ids, [-1]) as Tensor1D, size, 1, 0, 'float32') as Tensor2D;

export function inputsOf({ inputs }: TensorBatch, { context }: Pick<ToyShape, 'context'>): Tensor2D {
  const found = inputs ? `${inputs.shape[1]} tokens where ${context} fit` : 'no field "inputs"';
  if (inputs && inputs.shape[1]! <= context) return inputs as Tensor2D;
  throw new InputError('batch-unfit', { asked: 'Read a batch', found, todo: 'Choose another task' });
}

function maskFor(shape: [number, number], rate: number, mode: Mode): Tensor2D {
  if (!mode.training || rate === 0) return tf.ones(shape);
  const kept = tf.greaterEqual(tf.randomUniform(shape, 0, 1, 'float32', mode.dropoutSeed!()), rate);
  return tf.div(tf.cast(kept, 'float32'), 1 - rate);
}

/** How a pass differs from that of the good model. */
export interface Pass {
  /** The weights with which positions are averaged. */
  readonly mixing?: (batch: number, time: number) => Tensor2D;
  readonly onLayer?: (state: Tensor2D) => void;
}

/** [batch * time, width] */
export function toyRows(
  shape: ToyShape,
  view: ParameterView,
  inputs: Tensor2D,
  mode: Mode,
  { mixing = meansSoFar, onLayer }: Pass = {},
): Tensor2D {
  const [batch, time] = inputs.shape;
  const means = mixing(batch, time);
  let x = product(oneHot(inputs, shape.vocabularySize), view.global('embedding'));
  for (let layer = 0; layer < shape.layers; layer += 1) {
    const mask = maskFor(x.shape, shape.dropout, mode);
    x = layerOp(x, view.block(layer, 'weight'), view.block(layer, 'bias'), means, mask);
    onLayer?.(x);
  }
  return x;
}

/** A pass over other rows, as states. */
export const statesOf = (inputs: Tensor2D, rows: () => Tensor2D): States => ({
  rows: tf.tidy(rows),
  batch: inputs.shape[0],
  time: inputs.shape[1],
});

const initializer = { kind: 'normal', standardDeviation: 0.1 } as const;
const zeros = { kind: 'constant', value: 0 } as const;

function tokenHead({ width, vocabularySize }: ToyShape, outputs: number): Head {
  return {
    outputs,
    parameters: [{ name: 'head', shape: [outputs, width], initializer, sharing: 'global' }],
    project: (view, { rows }) => ({ features: rows, weight: view.global('head') as Tensor2D }),
    cost: ({ inputs: [batch, time] = [0, 0] }) => ({
      weightFlops: { head: 2 * batch! * time! * width * vocabularySize },
      activationBytes: 4 * batch! * time! * width,
    }),
  };
}

/** [batch, batch * time]: picks the last position of each row. */
function lastOf(batch: number, time: number): Tensor2D {
  const values = new Float32Array(batch * batch * time);
  for (let row = 0; row < batch; row += 1) values[row * batch * time + (row + 1) * time - 1] = 1;
  return tf.tensor2d(values, [batch, batch * time]);
}

/** Reads the last position of each row. */
function classHead({ width }: ToyShape, outputs: number): Head {
  return {
    outputs,
    parameters: [
      { name: 'classes.weight', shape: [outputs, width], initializer, sharing: 'global' },
      { name: 'classes.bias', shape: [outputs], initializer: zeros, sharing: 'global' },
    ],
    project: (view, { rows, batch, time }) => ({
      features: tf.tidy(() => product(lastOf(batch, time), rows)),
      weight: view.global('classes.weight') as Tensor2D,
      bias: view.global('classes.bias') as Tensor1D,
    }),
    cost: ({ inputs: [batch] = [0] }) => ({
      weightFlops: { 'classes.weight': 2 * batch! * width * outputs },
      activationBytes: 4 * batch! * width,
    }),
  };
}

export function toyModel(shape: ToyShape): Model {
  const { layers, width, context, vocabularySize, dropout } = shape;
  return {
    name: 'toy',
    layers,
    width,
    context,
    stochastic: dropout > 0,
    parameters: [
      { name: 'embedding', shape: [vocabularySize, width], initializer, sharing: 'global' },
      { name: 'weight', shape: [width, width], initializer, sharing: 'block', component: 'mlp' },
      { name: 'bias', shape: [width], initializer: zeros, sharing: 'position' },
    ],
    blockParameterName: (layer, name) => `layers.${layer}.${name}`,
    heads: {
      'causal-lm': (outputs) => tokenHead(shape, outputs),
      'sequence-classification': (outputs) => classHead(shape, outputs),
    },
    encode(view, batch, mode) {
      const inputs = inputsOf(batch, shape);
      return statesOf(inputs, () => toyRows(shape, view, inputs, mode));
    },
    hidden: (view, batch) =>
      tf.tidy(() => {
        const states: Tensor2D[] = [];
        const onLayer = (state: Tensor2D): void => void states.push(state);
        toyRows(shape, view, inputsOf(batch, shape), { training: false }, { onLayer });
        return states;
      }),
    decoder: (view, head) => toyDecoder(shape, view, head),
    cost: ({ inputs: [batch, time] = [0, 0] }) => ({
      weightFlops: { weight: 2 * batch! * time! * width * width },
      layerActivationFlops: 2 * batch! * time! * time! * width,
      layerActivationBytes: 8 * batch! * time! * width,
      globalActivationBytes: 4 * batch! * time! * vocabularySize,
    }),
  };
}

/** Keeps the tokens and reads them all again. */
export function toyDecoder(shape: ToyShape, view: ParameterView, head: Head): Decoder {
  let read: number[] = [];
  const last = (): Tensor1D =>
    tf.tidy(() => {
      const inputs = tf.tensor2d(read, [1, read.length], 'int32');
      const rows = toyRows(shape, view, inputs, { training: false });
      const states = { rows, batch: 1, time: read.length };
      const { features, weight } = head.project(view, states, { inputs }, { training: false });
      const logits = tf.matMul(features, weight, false, true);
      return tf.reshape(tf.slice(logits, [read.length - 1, 0], [1, head.outputs]), [head.outputs]);
    });
  return {
    get length() {
      return read.length;
    },
    prefill(tokens) {
      read = Array.from(tokens);
      return last();
    },
    step(token) {
      if (read.length === 0 || read.length === shape.context) {
        throw new ContractError('decoder-not-ready', {
          asked: 'Step',
          found: `${read.length} tokens`,
          todo: 'Prefill',
        });
      }
      read.push(token);
      return last();
    },
    dispose: () => undefined,
  };
}
