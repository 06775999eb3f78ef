/**
 * The smallest objective with layers to tie: a residual stack of tanh layers between an embedding and a head that
 * reads each position on its own. Two components, so that tying by component can be tried too. Its gradients are
 * written out, because tfjs-core registers none in Node. Labels below zero do not count.
 */
import type { Objective, ParameterView, TensorBatch } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs-core';

export interface ToySizes {
  readonly layers: number;
  readonly width: number;
  readonly vocabularySize: number;
  readonly dropout?: number;
}

/** An objective over tokens, which says how many there are: what batches are drawn by. */
export interface TokenObjective extends Objective {
  readonly vocabularySize: number;
}

/** What customGrad takes, with the save function last; matrices and vectors are treated alike here. */
type Op = (
  inputs: Tensor2D[],
  save: tf.GradSaveFunc,
) => { value: Tensor2D; gradFunc: (dy: Tensor2D, saved: Tensor2D[]) => Tensor[] };

function apply(op: Op, ...inputs: Tensor[]): Tensor2D {
  const custom = tf.customGrad((...parts) => {
    const save = parts.pop() as tf.GradSaveFunc;
    const made = op(parts as Tensor2D[], save);
    return { value: made.value, gradFunc: (dy, saved) => made.gradFunc(dy as Tensor2D, saved as Tensor2D[]) };
  });
  return custom(...inputs) as Tensor2D;
}

export function createToyObjective(sizes: ToySizes): TokenObjective {
  const { layers, width, vocabularySize, dropout = 0 } = sizes;
  const initializer = { kind: 'normal', standardDeviation: 0.3 } as const;
  // Of a label below zero a row of zeros.
  const ones = (ids: Tensor): Tensor2D =>
    tf.cast(tf.oneHot(tf.reshape(ids, [-1]), vocabularySize), 'float32') as Tensor2D;

  const product: Op = ([x, w], save) => {
    save([x!, w!]);
    return {
      value: tf.matMul(x!, w!),
      gradFunc: (dy, [savedX, savedW]) => [
        tf.matMul(dy, savedW!, false, true),
        tf.matMul(savedX!, dy, true, false),
      ],
    };
  };
  // x + mask tanh(x w + b)
  const layerOp =
    (mask: Tensor2D | number): Op =>
    ([x, w, b], save) => {
      const activated: Tensor2D = tf.tanh(tf.add<Tensor2D>(tf.matMul(x!, w!), b!));
      const scale: Tensor2D = tf.mul(tf.onesLike(activated), mask);
      save([x!, w!, activated, scale]);
      return {
        value: tf.add<Tensor2D>(x!, tf.mul(activated, scale)),
        gradFunc: (dy, [savedX, savedW, out, scales]) => {
          const inner: Tensor2D = tf.mul(tf.mul(dy, scales!), tf.sub(1, tf.square(out!)));
          return [
            tf.add(dy, tf.matMul(inner, savedW!, false, true)),
            tf.matMul(savedX!, inner, true, false),
            tf.sum(inner, 0),
          ];
        },
      };
    };
  const crossEntropy =
    (right: Tensor2D): Op =>
    ([logits], save) => {
      const counted = tf.sum(right, -1, true);
      const share: Tensor2D = tf.div(counted, tf.sum(counted));
      save([logits!, right, share]);
      return {
        value: tf.sum(tf.mul(nats(logits!, right), tf.reshape(share, [-1]))) as unknown as Tensor2D,
        gradFunc: (dy, [saved, truth, shares]) => [
          tf.mul(dy, tf.mul(tf.sub(tf.softmax(saved!), truth!), shares!)),
        ],
      };
    };

  /** [batch, time] -> [batch * time, vocabulary] */
  const logitsOf = (view: ParameterView, { inputs }: TensorBatch, seed?: () => number): Tensor2D => {
    // [batch, time] -> [batch * time, width]
    let state = apply(product, ones(inputs as Tensor), view.global('embedding'));
    for (let layer = 0; layer < layers; layer += 1) {
      const kept = seed && tf.greaterEqual(tf.randomUniform(state.shape, 0, 1, 'float32', seed()), dropout);
      const mask = kept ? (tf.div(tf.cast(kept, 'float32'), 1 - dropout) as Tensor2D) : 1;
      state = apply(layerOp(mask), state, view.block(layer, 'weight'), view.block(layer, 'bias'));
    }
    return apply(product, state, view.global('head'));
  };
  return {
    name: 'toy',
    layers,
    vocabularySize,
    stochastic: dropout > 0,
    parameters: [
      { name: 'embedding', shape: [vocabularySize, width], initializer, sharing: 'global' },
      { name: 'head', shape: [width, vocabularySize], initializer, sharing: 'global' },
      { name: 'weight', shape: [width, width], initializer, sharing: 'block', component: 'mlp' },
      { name: 'bias', shape: [width], initializer, sharing: 'block', component: 'norms' },
    ],
    blockParameterName: (layer, name) => `h.${layer}.${name}`,
    scores: ['nats', 'correct'],
    loss: (view, batch, mode) =>
      tf.tidy(() => {
        const seed = mode.training && dropout > 0 ? mode.dropoutSeed : undefined;
        const right = ones(batch['labels'] as Tensor);
        return apply(crossEntropy(right), logitsOf(view, batch, seed)) as unknown as Scalar;
      }),
    score: (view, batch) =>
      tf.tidy(() => {
        const right = ones(batch['labels'] as Tensor);
        const logits = logitsOf(view, batch);
        const counted = tf.sum(right, -1);
        const hit = tf.equal(tf.argMax(logits, -1), tf.argMax(right, -1));
        return tf.stack([
          tf.mul(nats(logits, right), counted),
          tf.mul(tf.cast(hit, 'float32'), counted),
        ]) as Tensor2D;
      }),
    cost: () => ({
      weightFlops: {},
      layerActivationFlops: 0,
      layerActivationBytes: 0,
      globalActivationBytes: 0,
    }),
  };
}

/** Of each row, [rows, classes] -> [rows]. */
const nats = (logits: Tensor2D, right: Tensor2D): Tensor =>
  tf.sub(tf.logSumExp(logits, -1), tf.sum(tf.mul(logits, right), -1));
