/**
 * The smallest model with layers to tie: a residual stack of tanh layers between an embedding and a head that
 * reads each position on its own. Two components, so that tying by component can be tried too. Its gradients are
 * written out, because tfjs-core registers none in Node.
 */
import type { Model, ParameterView } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';

export interface ToySizes {
  readonly layers: number;
  readonly width: number;
  readonly vocabularySize: number;
  readonly dropout?: number;
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

export function createToyModel({ layers, width, vocabularySize, dropout = 0 }: ToySizes): Model {
  const initializer = { kind: 'normal', standardDeviation: 0.3 } as const;
  const ones = (inputs: Tensor2D): Tensor2D =>
    tf.cast(tf.oneHot(tf.reshape(inputs, [-1]), vocabularySize), 'float32') as Tensor2D;

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
      save([logits!, right]);
      const ofLabel = tf.sum(tf.mul(logits!, right), -1);
      return {
        value: tf.mean(tf.sub(tf.logSumExp(logits!, -1), ofLabel)) as unknown as Tensor2D,
        gradFunc: (dy, [saved, truth]) => [
          tf.mul(dy, tf.div(tf.sub(tf.softmax(saved!), truth!), right.shape[0])),
        ],
      };
    };

  const flatLogits = (view: ParameterView, inputs: Tensor2D, seed?: () => number): Tensor2D => {
    // [batch, time] -> [batch * time, width]
    let state = apply(product, ones(inputs), view.global('embedding'));
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
    context: 64,
    vocabularySize,
    parameters: [
      { name: 'embedding', shape: [vocabularySize, width], initializer, scope: 'global' },
      { name: 'head', shape: [width, vocabularySize], initializer, scope: 'global' },
      { name: 'weight', shape: [width, width], initializer, scope: 'block', component: 'mlp' },
      { name: 'bias', shape: [width], initializer, scope: 'block', component: 'norms' },
    ],
    blockParameterName: (layer, name) => `h.${layer}.${name}`,
    logits: (view, inputs) =>
      tf.tidy(() => tf.reshape(flatLogits(view, inputs), [...inputs.shape, vocabularySize]) as Tensor3D),
    loss: (view, inputs, labels, mode) =>
      tf.tidy(() => {
        const seed = mode.training && dropout > 0 ? mode.dropoutSeed : undefined;
        return apply(crossEntropy(ones(labels)), flatLogits(view, inputs, seed)) as unknown as Scalar;
      }),
    cost: () => ({
      layerWeightFlops: 0,
      componentWeightFlops: { attention: 0, mlp: 0, norms: 0 },
      layerActivationFlops: 0,
      globalFlops: 0,
      layerActivationBytes: 0,
      globalActivationBytes: 0,
    }),
  };
}
