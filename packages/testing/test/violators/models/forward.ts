/** What can be wrong with a forward pass and with what it looks at. */
import type { ParameterView } from '@ligature/core';
import type { CheckModelOptions } from '@ligature/testing';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { statesOf, toyRows, type ToyShape } from '../../support/toy-model.js';
import type { Violator } from '../violators.js';
import { computing, heading, through, violator, type Change } from './good.js';

/** Every position reads the mean of those that `seen` lets it see. */
const mixing = (seen: (at: number, other: number, time: number) => boolean): Change =>
  computing((shape, view, inputs, mode) =>
    toyRows(shape, view, inputs, mode, {
      mixing(batch, time) {
        const size = batch * time;
        const values = Float32Array.from({ length: size * size }, (_, index) =>
          seen(Math.floor(index / size), index % size, time) ? 1 / time : 0,
        );
        return tf.tensor2d(values, [size, size]);
      },
    }),
  );

/** As many rows as `inputs` has places, of a pass over those that fit. */
function cut(shape: ToyShape, view: ParameterView, inputs: Tensor2D): Tensor2D {
  const [batch, time] = inputs.shape;
  const beyond = Math.max(0, time - shape.context);
  const fitting = tf.slice(inputs, [0, beyond], [batch, time - beyond]);
  const rows = toyRows(shape, view, fitting, { training: false });
  return beyond === 0
    ? rows
    : tf.pad2d(rows, [
        [0, batch * beyond],
        [0, 0],
      ]);
}

export const forwardViolators: readonly Violator<CheckModelOptions>[] = [
  violator(
    'plays-through',
    'fails for one position',
    /encode threw RangeError: too short/,
    computing((shape, view, inputs, mode) => {
      if (inputs.shape[1] === 1) throw new RangeError('too short');
      return toyRows(shape, view, inputs, mode);
    }),
  ),
  violator(
    'states-form',
    'gives [batch, time, width]',
    /encode gave \[1, 1, 8\] float32 where \[1, 8\]/,
    ({ good }) => ({
      encode(view, batch, mode) {
        const { rows, ...states } = good.encode(view, batch, mode);
        const cube = tf.reshape(rows, [states.batch, states.time, rows.shape[1]]);
        return { ...states, rows: cube as never };
      },
    }),
  ),
  violator('states-form', 'forgets how many rows there are', /encode gave a batch of 1/, ({ good }) => ({
    encode: (view, batch, mode) => {
      const states = good.encode(view, batch, mode);
      return { ...states, batch: 1, time: states.batch * states.time };
    },
  })),
  violator(
    'projection-form',
    'gives its weight as [width, outputs]',
    /causal-lm gave as weight \[8, 11\] float32 where \[11, 8\]/,
    heading('causal-lm', (good) => ({
      project: (view, states, batch, mode) => {
        const { weight, ...rest } = good.project(view, states, batch, mode);
        return { ...rest, weight: tf.transpose(weight) };
      },
    })),
  ),
  violator(
    'projection-form',
    'classifies every position',
    /sequence-classification gave as features \[6, 8\] float32 where \[1, 8\]/,
    heading('sequence-classification', (good) => ({
      project: (view, states, batch, mode) => ({
        ...good.project(view, states, batch, mode),
        features: states.rows,
      }),
    })),
    { also: ['tensors-released'] },
  ),
  violator(
    'reads-what-it-declares',
    'declares a weight that nothing reads',
    /nothing ever reads "scale"/,
    ({ good }) => ({
      parameters: [
        ...good.parameters,
        { name: 'scale', shape: [1], initializer: { kind: 'constant', value: 1 }, sharing: 'global' },
      ],
    }),
    { also: ['gradients'] },
  ),
  violator(
    'reads-what-it-declares',
    'has a head that does not read its own weight',
    /the head causal-lm never reads "spare"/,
    heading('causal-lm', (good) => ({
      parameters: [...good.parameters, { ...good.parameters[0]!, name: 'spare' }],
    })),
    { also: ['gradients'] },
  ),
  violator(
    'reads-what-it-declares',
    'reads a weight that it does not declare',
    /reads the parameter "gain" of layer 0/,
    computing((shape, view, inputs, mode) => {
      view.block(0, 'gain');
      return toyRows(shape, view, inputs, mode);
    }),
  ),
  violator(
    'reads-what-it-declares',
    'reads a weight of a head while it encodes',
    /reads the global parameter "head"/,
    computing((shape, view, inputs, mode) => {
      view.global('head');
      return toyRows(shape, view, inputs, mode);
    }),
  ),
  violator('pure', 'keeps the first weights that it sees', /from a fresh instance/, ({ good }) => {
    const kept = new Map<string, Tensor>();
    const remembering = (view: ParameterView): ParameterView =>
      through(view, (layer, name) => {
        const tensor = kept.get(`${layer} ${name}`);
        if (tensor && !tensor.isDisposed) return tensor;
        kept.set(`${layer} ${name}`, view.block(layer, name));
        return view.block(layer, name);
      });
    return {
      encode: (view, batch, mode) => good.encode(mode.training ? view : remembering(view), batch, mode),
    };
  }),
  violator(
    'weights-untouched',
    'disposes a weight',
    /the weight "layers.0.bias" is disposed/,
    ({ good }) => ({
      encode(view, batch, mode) {
        const states = good.encode(view, batch, mode);
        // Not under the tape, which needs it; and late, so that nothing else stumbles over it.
        if (tf.engine().state.gradientDepth === 0 && mode.training && batch['inputs']!.shape[0] === 2)
          view.block(0, 'bias').dispose();
        return states;
      },
    }),
  ),
  violator(
    'no-read-back',
    'looks whether a weight is zero',
    /read \d+ tensors? back/,
    computing((shape, view, inputs, mode) => {
      view.global('embedding').dataSync();
      return toyRows(shape, view, inputs, mode);
    }),
  ),
  violator('no-math-random', 'rolls dice', /Math.random\(\)/, ({ good }) => ({
    encode(view, batch, mode) {
      // eslint-disable-next-line no-restricted-properties -- the fault itself
      void Math.random();
      return good.encode(view, batch, mode);
    },
  })),
  violator(
    'causal',
    'sees the whole sequence',
    /with another input 1, the state of position 0 changes/,
    mixing((at, other, time) => Math.floor(at / time) === Math.floor(other / time)),
  ),
  violator(
    'reads-inputs',
    'reads only the place of a token',
    /with another input 0, its state stays the same/,
    computing((shape, view, inputs, mode) => toyRows(shape, view, tf.zerosLike(inputs), mode)),
  ),
  violator(
    'rows-independent',
    'averages over the rows of a batch',
    /beside others, an output of row \d changes/,
    mixing((at, other, time) => other % time <= at % time),
  ),
  violator(
    'context-kept',
    'cuts what is too long without a word',
    /one position too many changes the states before it/,
    ({ shape, good }) => ({
      encode(view, batch, mode) {
        const inputs = batch['inputs'] as Tensor2D | undefined;
        if (!inputs || inputs.shape[1] <= shape.context) return good.encode(view, batch, mode);
        return statesOf(inputs, () => cut(shape, view, inputs));
      },
    }),
  ),
  violator('fields-refused', 'stumbles over a batch of others', /encode threw TypeError/, ({ good }) => ({
    encode(view, batch, mode) {
      batch['inputs']!.shape.at(0);
      return good.encode(view, batch, mode);
    },
  })),
];
