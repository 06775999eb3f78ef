/** What can be wrong with the hidden states that a model shows. */
import type { CheckModelOptions } from '@ligature/testing';
import * as tf from '@tensorflow/tfjs-core';
import { violator } from './models.js';
import type { Violator } from './violators.js';

export const hiddenStateViolators: readonly Violator<CheckModelOptions>[] = [
  violator('hidden-by-layer', 'leaves out the last layer', /for 3 layers/, ({ good }) => ({
    hidden: (view, inputs) => {
      const [last, ...rest] = good.hidden!(view, inputs).reverse();
      last!.dispose();
      return rest.reverse();
    },
  })),
  violator('hidden-by-layer', 'begins with the last one', /layer 0 changes/, ({ good }) => ({
    hidden: (view, inputs) => good.hidden!(view, inputs).reverse(),
  })),
  violator('hidden-by-layer', 'shows what goes into layers', /layer 1 does not change/, ({ good }) => ({
    hidden: (view, inputs) => {
      const states = good.hidden!(view, inputs);
      states.pop()!.dispose();
      return [tf.clone(states[0]!), ...states];
    },
  })),
];
