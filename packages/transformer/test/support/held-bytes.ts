/** How many bytes the tape of a loss holds when it has been computed. */
import type { ParameterView } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import { untied, type Whole } from './whole.js';

/** @param loss of what exists before */
export function heldBytes(
  { model }: Whole,
  weights: ReadonlyMap<string, tf.Tensor>,
  loss: (view: ParameterView) => tf.Scalar,
): number {
  const names = [...weights.keys()];
  let bytes = NaN;
  tf.tidy(() => {
    const before = tf.memory().numBytes;
    tf.valueAndGrads((...leaves: tf.Tensor[]) => {
      const view = untied(model, new Map(names.map((name, at) => [name, leaves[at]!])));
      const value = tf.tidy(() => loss(view));
      bytes = tf.memory().numBytes - before;
      return value;
    })(names.map((name) => weights.get(name)!));
  });
  return bytes;
}
