/**
 * The smallest causal language model with layers to tie: each layer mixes the mean of the positions so far into a
 * residual stream. Gradients are written out, because tfjs-core registers none in Node.
 */
import {
  ContractError,
  InputError,
  type Decoder,
  type Mode,
  type Model,
  type ParameterView,
} from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';

export interface ToyShape {
  readonly layers: number;
  readonly width: number;
  readonly context: number;
  readonly dropout: number;
  readonly vocabularySize: number;
}

type Gradients = (dy: Tensor2D, saved: Tensor2D[]) => Tensor[];

/**
 * An operation with its gradient.
 *
 * @param gradients gets the inputs and the constants; what is not saved is gone when the tape is played back
 */
export function op(
  inputs: readonly Tensor[],
  constants: readonly Tensor[],
  value: (...inputs: Tensor2D[]) => Tensor2D,
  gradients: Gradients,
): Tensor2D {
  const custom = tf.customGrad((...given) => {
    const save = given.pop() as unknown as tf.GradSaveFunc;
    const parts = given as unknown as Tensor2D[];
    save([...parts, ...constants]);
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] =>
      gradients(dy as Tensor2D, saved as Tensor2D[]);
    return { value: value(...parts), gradFunc };
  });
  return custom(...inputs) as Tensor2D;
}

export const product = (left: Tensor2D, right: Tensor): Tensor2D =>
  op(
    [left, right],
    [],
    (x, w) => tf.matMul(x, w),
    (dy, [x, w]) => [tf.matMul(dy, w!, false, true), tf.matMul(x!, dy, true, false)],
  );

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

export const oneHot = (ids: Tensor, size: number): Tensor2D =>
  tf.oneHot(tf.reshape(ids, [-1]) as Tensor1D, size, 1, 0, 'float32') as Tensor2D;

export function assertFits(time: number, context: number): void {
  if (time <= context) return;
  throw new InputError('too-long', {
    asked: `Read ${time} tokens`,
    found: `${context} fit`,
    todo: 'Cut the text',
  });
}

function maskFor(shape: [number, number], rate: number, mode: Mode): Tensor2D {
  if (!mode.training || rate === 0 || !mode.dropoutSeed) return tf.ones(shape);
  const kept = tf.greaterEqual(tf.randomUniform(shape, 0, 1, 'float32', mode.dropoutSeed()), rate);
  return tf.div(tf.cast(kept, 'float32'), 1 - rate);
}

/** [batch * time, vocabulary]; `mixing` gives the weights with which positions are averaged. */
export function flatLogits(
  shape: ToyShape,
  view: ParameterView,
  inputs: Tensor2D,
  mode: Mode,
  mixing: (batch: number, time: number) => Tensor2D = meansSoFar,
  onLayer?: (state: Tensor2D) => void,
): Tensor2D {
  const [batch, time] = inputs.shape;
  assertFits(time, shape.context);
  const means = mixing(batch, time);
  let x = product(oneHot(inputs, shape.vocabularySize), view.global('embedding'));
  for (let layer = 0; layer < shape.layers; layer += 1) {
    const mask = maskFor(x.shape, shape.dropout, mode);
    x = layerOp(x, view.block(layer, 'weight'), view.block(layer, 'bias'), means, mask);
    onLayer?.(x);
  }
  return product(x, view.global('head'));
}

/** Mean cross-entropy of [rows, vocabulary] logits. */
export const crossEntropy = (logits: Tensor2D, labels: Tensor2D, vocabularySize: number): Scalar => {
  const truth = oneHot(labels, vocabularySize);
  return op(
    [logits],
    [truth],
    (given) => tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(given), truth), -1))) as unknown as Tensor2D,
    (dy, [given, right]) => [tf.mul(dy, tf.div(tf.sub(tf.softmax(given!), right!), right!.shape[0]))],
  ) as unknown as Scalar;
};

export function toyModel(shape: ToyShape): Model {
  const { layers, width, context, vocabularySize } = shape;
  const initializer = { kind: 'normal', standardDeviation: 0.1 } as const;
  return {
    name: 'toy',
    layers,
    context,
    vocabularySize,
    parameters: [
      { name: 'embedding', shape: [vocabularySize, width], initializer, scope: 'global' },
      { name: 'head', shape: [width, vocabularySize], initializer, scope: 'global' },
      { name: 'weight', shape: [width, width], initializer, scope: 'block', component: 'mlp' },
      {
        name: 'bias',
        shape: [width],
        initializer: { kind: 'constant', value: 0 },
        scope: 'block',
        component: 'norms',
      },
    ],
    blockParameterName: (layer, name) => `layers.${layer}.${name}`,
    logits: (view, inputs, mode) =>
      tf.tidy(
        () =>
          tf.reshape(flatLogits(shape, view, inputs, mode), [...inputs.shape, vocabularySize]) as Tensor3D,
      ),
    loss: (view, inputs, labels, mode) =>
      tf.tidy(() => crossEntropy(flatLogits(shape, view, inputs, mode), labels, vocabularySize)),
    scores: (view, inputs, labels) =>
      tf.tidy(() => {
        const logits = flatLogits(shape, view, inputs, { training: false });
        const nats = tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), oneHot(labels, vocabularySize)), -1));
        const hits = tf.cast(tf.equal(tf.argMax(logits, -1), tf.reshape(labels, [-1])), 'float32');
        return tf.stack([nats, hits]) as Tensor2D;
      }),
    hidden: (view, inputs) =>
      tf.tidy(() => {
        const states: Tensor2D[] = [];
        flatLogits(shape, view, inputs, { training: false }, meansSoFar, (state) => states.push(state));
        return states;
      }),
    decoder: (view) => toyDecoder(shape, view),
    cost: (batch, time) => {
      const weights = 2 * batch * time * width * width;
      const mixing = 2 * batch * time * time * width;
      return {
        layerWeightFlops: weights,
        componentWeightFlops: { attention: 0, mlp: weights, norms: 0 },
        layerActivationFlops: mixing,
        globalFlops: 4 * batch * time * width * vocabularySize,
        layerActivationBytes: 8 * batch * time * width,
        globalActivationBytes: 4 * batch * time * vocabularySize,
      };
    },
  };
}

/** Keeps the tokens and reads them all again. */
export function toyDecoder(shape: ToyShape, view: ParameterView): Decoder {
  let read: number[] = [];
  const last = (): Tensor1D =>
    tf.tidy(() => {
      const logits = flatLogits(shape, view, tf.tensor2d(read, [1, read.length], 'int32'), {
        training: false,
      });
      return tf.reshape(tf.slice(logits, [read.length - 1, 0], [1, shape.vocabularySize]), [
        shape.vocabularySize,
      ]);
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
