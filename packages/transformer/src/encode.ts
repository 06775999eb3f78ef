import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Mode, Model, ParameterView, States, TensorBatch } from '@ligature/core';

/**
 * Runs a stack over a batch, in the scope of whoever calls it.
 *
 * @param onLayer is shown what leaves each layer, [batch * time, width]
 * @throws InputError for a batch that it cannot read
 */
export type RunStack = (
  view: ParameterView,
  batch: TensorBatch,
  mode: Mode,
  onLayer?: (state: Tensor2D) => void,
) => States;

/** What a model encodes, and what leaves its layers on the way. */
export function encoders(run: RunStack): Required<Pick<Model, 'encode' | 'hidden'>> {
  return {
    encode: (view, batch, mode) => tf.tidy(() => ({ ...run(view, batch, mode) })),
    hidden: (view, batch) =>
      tf.tidy(() => {
        const states: Tensor2D[] = [];
        run(view, batch, { training: false }, (state) => states.push(state));
        return states;
      }),
  };
}
