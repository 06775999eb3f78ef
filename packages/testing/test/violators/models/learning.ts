/** What can be wrong with gradients, with chance, and with what makes a model faster. */
import type { Decoder } from '@ligature/core';
import type { CheckModelOptions } from '@ligature/testing';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { withFactor } from '../../support/gradients.js';
import { toyDecoder, toyModel, toyRows, type ToyShape } from '../../support/toy-model.js';
import type { Violator } from '../violators.js';
import { computing, heading, through, violator, type Change } from './good.js';

const decoding =
  (change: (good: Decoder, shape: ToyShape) => Partial<Decoder>): Change =>
  ({ shape }) => ({
    decoder(view, head) {
      const good = toyDecoder(shape, view, head);
      const { prefill, step, dispose } = good;
      return Object.defineProperties({ prefill, step, dispose, ...change(good, shape) } as Decoder, {
        length: { get: () => good.length },
      });
    },
  });

export const learningViolators: readonly Violator<CheckModelOptions>[] = [
  violator(
    'gradients',
    'has half the gradient of a weight',
    /along a direction of "layers.0.weight" the loss on the head causal-lm/,
    computing((shape, view, inputs, mode) => {
      const half = (tensor: Tensor): Tensor => withFactor(tensor, (x) => tf.add(x, 0), 0.5);
      const other = through(view, (layer, name) =>
        name === 'weight' ? half(view.block(layer, name)) : view.block(layer, name),
      );
      return toyRows(shape, other, inputs, mode);
    }),
  ),
  violator(
    'gradients',
    'has a head without a gradient of its bias',
    /along a direction of "classes.bias" the loss on the head sequence-classification/,
    heading('sequence-classification', (good) => ({
      project: (view, states, batch, mode) => {
        const found = good.project(view, states, batch, mode);
        return { ...found, bias: withFactor(found.bias!, (x) => tf.add(x, 0), 0) };
      },
    })),
  ),
  violator(
    'gradients',
    'uses a kernel without a gradient',
    /Cannot compute gradient/,
    computing((shape, view, inputs, mode) => tf.neg(tf.neg(toyRows(shape, view, inputs, mode)))),
  ),
  violator(
    'tying',
    'runs a block once, however many layers use it',
    /with layer 2 tied to layer 0 an output is/,
    computing((shape, view, inputs, mode) => {
      const seen = new Set<Tensor>();
      const once = through(view, (layer, name) => {
        const tensor = view.block(layer, name);
        if (seen.has(tensor)) return tf.zerosLike(tensor);
        seen.add(tensor);
        return tensor;
      });
      return toyRows(shape, once, inputs, mode);
    }),
  ),
  violator('tensors-released', 'leaves a mask behind', /encode left 1 tensor behind/, ({ good }) => ({
    encode(view, batch, mode) {
      tf.ones([2]);
      return good.encode(view, batch, mode);
    },
  })),
  violator(
    'tensors-released',
    'has a head that leaves something behind',
    /project of the head causal-lm left 1 tensor behind/,
    heading('causal-lm', (good) => ({
      project(view, states, batch, mode) {
        tf.ones([2]);
        return good.project(view, states, batch, mode);
      },
    })),
  ),
  violator(
    'stochastic-honest',
    'says that it draws nothing',
    /the model asks for 2 seeds in a training pass/,
    () => ({ stochastic: false }),
  ),
  violator(
    'stochastic-honest',
    'has a head that draws in silence',
    /the head causal-lm asks for 1 seeds/,
    heading('causal-lm', (good) => ({
      project(view, states, batch, mode) {
        if (mode.training) mode.dropoutSeed?.();
        return good.project(view, states, batch, mode);
      },
    })),
  ),
  violator('dropout-seeded', 'ignores dropout', /the outputs are what they are without/, ({ shape }) => {
    const { encode } = toyModel({ ...shape, dropout: 0 });
    return { encode, stochastic: false };
  }),
  violator('dropout-seeded', 'draws its masks from a seed of its own', /with equal seeds/, ({ good }) => {
    let drawn = 0;
    return {
      encode: (view, batch, mode) =>
        good.encode(
          view,
          batch,
          mode.dropoutSeed ? { ...mode, dropoutSeed: () => mode.dropoutSeed!() + (drawn += 7) } : mode,
        ),
    };
  }),
  violator('dropout-seeded', 'drops while it evaluates', /while evaluating/, ({ good }) => ({
    encode: (view, batch, mode) =>
      good.encode(view, batch, mode.training ? mode : { training: true, dropoutSeed: () => 5 }),
  })),
  violator(
    'decoder-consistent',
    'answers steps with nothing',
    /after \d+ tokens, \d of them at once, the logit/,
    decoding((good) => ({
      step(token) {
        const answer = good.step(token);
        const nothing = tf.zerosLike(answer);
        answer.dispose();
        return nothing;
      },
    })),
  ),
  violator(
    'decoder-bounds',
    'goes on beyond the context',
    /beyond the context step gave an answer/,
    decoding((good, shape) => ({
      step(token) {
        if (good.length < shape.context) return good.step(token);
        return tf.zeros([shape.vocabularySize]) as Tensor1D;
      },
    })),
  ),
  violator(
    'decoder-bounds',
    'keeps what it has read',
    /1 tensor is left after dispose/,
    decoding((good) => ({
      prefill(tokens) {
        tf.tensor1d(Array.from(tokens), 'int32');
        return good.prefill(tokens);
      },
    })),
  ),
  violator('hidden-by-layer', 'leaves out the last layer', /for 3 layers/, ({ good }) => ({
    hidden: (view, batch) => {
      const [last, ...rest] = good.hidden!(view, batch).reverse();
      last!.dispose();
      return rest.reverse();
    },
  })),
  violator('hidden-by-layer', 'begins with the last one', /layer 0 changes/, ({ good }) => ({
    hidden: (view, batch) => good.hidden!(view, batch).reverse(),
  })),
  violator('hidden-by-layer', 'shows what goes into layers', /layer 1 does not change/, ({ good }) => ({
    hidden: (view, batch) => {
      const states = good.hidden!(view, batch);
      states.pop()!.dispose();
      return [tf.clone(states[0]!), ...states];
    },
  })),
];
