/**
 * The smallest model with layers to tie: a residual stack of tanh layers between an embedding and a head that
 * reads each position on its own. Two components, so that tying by component can be tried too.
 */
import type { Model, ParameterView } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';

export interface ToySizes {
  readonly layers: number;
  readonly width: number;
  readonly vocabularySize: number;
  readonly dropout?: number;
}

export function createToyModel({ layers, width, vocabularySize, dropout = 0 }: ToySizes): Model {
  const initializer = { kind: 'normal', standardDeviation: 0.3 } as const;
  const hidden = (view: ParameterView, inputs: Tensor2D, seed?: () => number): Tensor2D => {
    // [batch, time] -> [batch * time, width]
    let state = tf.gather(view.global('embedding'), tf.reshape(inputs, [-1])) as Tensor2D;
    for (let layer = 0; layer < layers; layer += 1) {
      const mixed = tf.matMul(state, view.block(layer, 'weight') as Tensor2D);
      const added = tf.tanh(tf.add(mixed, view.block(layer, 'bias')));
      state = tf.add(state, seed ? tf.dropout(added, dropout, undefined, seed()) : added);
    }
    return state;
  };
  const flatLogits = (view: ParameterView, inputs: Tensor2D, seed?: () => number): Tensor2D =>
    tf.matMul(hidden(view, inputs, seed), view.global('head') as Tensor2D);
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
        const logits = flatLogits(view, inputs, seed);
        const right = tf.oneHot(tf.reshape(labels, [-1]), vocabularySize);
        const ofLabel = tf.sum(tf.mul(logits, right), -1);
        return tf.mean(tf.sub(tf.logSumExp(logits, -1), ofLabel)) as Scalar;
      }),
    cost: () => ({
      layerWeightFlops: 0,
      componentWeightFlops: { mlp: 0, norms: 0 },
      layerActivationFlops: 0,
      globalFlops: 0,
      layerActivationBytes: 0,
      globalActivationBytes: 0,
    }),
  };
}
