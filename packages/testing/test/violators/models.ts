/** What can be wrong with a model. */
import {
  defineModel,
  definePlugin,
  type Decoder,
  type Mode,
  type Model,
  type ModelCost,
  type ParameterView,
  type Plugin,
} from '@ligature/core';
import type { CheckModelOptions } from '@ligature/testing';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { crossEntropy, flatLogits, toyDecoder, toyModel, type ToyShape } from '../support/toy-model.js';
import { entryFaults, type EntryFault } from './entry-faults.js';
import { NAME, type Violator } from './violators.js';

const fields = {
  layers: z.int().min(1).default(2).describe('layers'),
  width: z.int().min(1).default(8).describe('width'),
  heads: z.int().min(1).default(1).describe('not used: there is no attention'),
  context: z.int().min(1).default(6).describe('longest sequence'),
  dropout: z.number().min(0).lt(1).default(0).describe('dropout of what layers add'),
  activation: z.string().default('tanh').describe('not used: it is tanh'),
};
const options = z.object(fields);

interface Inside {
  readonly good: Model;
  readonly shape: ToyShape;
}
type Change = (inside: Inside) => Partial<Model>;

function modelPlugin(
  change: Change = () => ({}),
  meta: EntryFault['meta'] = {},
  asked: Partial<ToyShape> = {},
): Plugin {
  return definePlugin({
    name: 'violator',
    version: '1.0.0',
    models: {
      [NAME]: defineModel({
        meta: { summary: 'A toy', options, ...meta },
        create({ layers, width, context, dropout }: z.output<typeof options>, { vocabularySize }) {
          const shape: ToyShape = { layers, width, context, dropout, vocabularySize, ...asked };
          const good = toyModel(shape);
          return { ...good, ...change({ good, shape }) };
        },
      }),
    },
  });
}

export const goodModel = modelPlugin();

export const violator = (
  rule: string,
  fault: string,
  found: RegExp,
  change: Change,
  more: Pick<Violator<CheckModelOptions>, 'also' | 'options'> = {},
): Violator<CheckModelOptions> => ({ rule, fault, found, plugin: modelPlugin(change), ...more });

type Logits = (shape: ToyShape, view: ParameterView, inputs: Tensor2D, mode: Mode) => Tensor2D;

/** Other logits, and the loss that goes with them; neither scores nor a decoder, which would be those of the good one. */
const computing =
  (logits: Logits): Change =>
  ({ shape }) => ({
    logits: (view, inputs, mode) =>
      tf.tidy(
        () =>
          tf.reshape(logits(shape, view, inputs, mode), [...inputs.shape, shape.vocabularySize]) as Tensor3D,
      ),
    loss: (view, inputs, labels, mode) =>
      tf.tidy(() => crossEntropy(logits(shape, view, inputs, mode), labels, shape.vocabularySize)),
    scores: undefined as never,
    decoder: undefined as never,
  });

/** Every position reads the mean of those that `seen` lets it see. */
const mixing =
  (seen: (at: number, other: number, time: number) => boolean): Logits =>
  (shape, view, inputs, mode) =>
    flatLogits(shape, view, inputs, mode, (batch, time) => {
      const size = batch * time;
      const values = Float32Array.from({ length: size * size }, (_, index) =>
        seen(Math.floor(index / size), index % size, time) ? 1 / time : 0,
      );
      return tf.tensor2d(values, [size, size]);
    });

/** A view that answers some questions differently. */
const through = (view: ParameterView, block: ParameterView['block']): ParameterView => ({
  global: (name) => view.global(name),
  block,
});

const costing =
  (change: (cost: ModelCost, batch: number) => Partial<ModelCost>): Change =>
  ({ good }) => ({
    cost(batch, time) {
      const cost = good.cost(batch, time);
      return { ...cost, ...change(cost, batch) };
    },
  });

const decoding =
  (change: (good: Decoder, shape: ToyShape) => Partial<Decoder>): Change =>
  ({ shape }) => ({
    decoder(view) {
      const good = toyDecoder(shape, view);
      const { prefill, step, dispose } = good;
      return Object.defineProperties({ prefill, step, dispose, ...change(good, shape) } as Decoder, {
        length: { get: () => good.length },
      });
    },
  });

export const modelViolators: readonly Violator<CheckModelOptions>[] = [
  ...entryFaults(fields, { strict: false }).map(({ meta, ...fault }) => ({
    ...fault,
    plugin: modelPlugin(undefined, meta),
  })),
  violator('creates', 'has no cost', /no function cost/, () => ({ cost: undefined }) as never),
  {
    rule: 'options-run-shape',
    fault: 'knows nothing of heads',
    found: /there is no option "heads"/,
    plugin: modelPlugin(undefined, {
      options: z.strictObject({
        layers: fields.layers,
        width: fields.width,
        context: fields.context,
        dropout: fields.dropout,
      }),
    }),
  },
  {
    rule: 'sizes',
    fault: 'has two layers whatever is asked',
    found: /layers is 2, asked for was 3/,
    plugin: modelPlugin(undefined, {}, { layers: 2 }),
  },
  violator('sizes', 'says that it takes longer sequences', /context is 7, asked for was 6/, ({ good }) => ({
    context: good.context + 1,
  })),
  violator('parameters', 'gives every layer the same names', /two weights have the name "weight"/, () => ({
    blockParameterName: (_, name) => name,
  })),
  violator('parameters', 'has no start for its weights', /initializer of "head" is/, ({ good }) => ({
    parameters: good.parameters.map((spec) =>
      spec.name === 'head' ? { ...spec, initializer: { kind: 'normal', standardDeviation: 0 } } : spec,
    ),
  })),
  violator(
    'cost',
    'counts the mixing with the weights',
    /the components add up to/,
    costing((cost) => ({
      layerWeightFlops: cost.layerWeightFlops + cost.layerActivationFlops,
    })),
  ),
  violator(
    'cost',
    'counts one row whatever the batch',
    /layerActivationBytes is \d+ for one row and \d+ for two/,
    costing((cost, batch) => ({
      layerActivationBytes: cost.layerActivationBytes / batch,
    })),
  ),
  violator(
    'cost',
    'forgets a component',
    /lacks the component "norms"/,
    costing(({ layerWeightFlops }) => ({
      componentWeightFlops: { mlp: layerWeightFlops } as never,
    })),
  ),
  violator(
    'plays-through',
    'fails for one token',
    /logits threw RangeError: too short/,
    computing((shape, view, inputs, mode) => {
      if (inputs.shape[1] === 1) throw new RangeError('too short');
      return flatLogits(shape, view, inputs, mode);
    }),
  ),
  violator(
    'logits-form',
    'gives [batch * time, vocabulary]',
    /logits gave \[1, 11\] float32 where \[1, 1, 11\]/,
    ({ good, shape }) => ({
      logits: (view, inputs, mode) =>
        tf.tidy(() => tf.reshape(good.logits(view, inputs, mode), [-1, shape.vocabularySize]) as never),
    }),
  ),
  violator(
    'reads-what-it-declares',
    'declares a weight that nothing reads',
    /never reads "scale"/,
    ({ good }) => ({
      parameters: [
        ...good.parameters,
        { name: 'scale', shape: [1], initializer: { kind: 'constant', value: 1 }, scope: 'global' },
      ],
    }),
    { also: ['gradients'] },
  ),
  violator(
    'reads-what-it-declares',
    'reads a weight that it does not declare',
    /reads the parameter "gain" of layer 0/,
    computing((shape, view, inputs, mode) => {
      view.block(0, 'gain');
      return flatLogits(shape, view, inputs, mode);
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
    return { logits: (view, inputs, mode) => good.logits(remembering(view), inputs, mode) };
  }),
  violator(
    'weights-untouched',
    'disposes a weight',
    /the weight "layers.0.bias" is disposed/,
    ({ good }) => ({
      loss(view, inputs, labels, mode) {
        const loss = good.loss(view, inputs, labels, mode);
        // Not under the tape, which needs it.
        if (tf.engine().state.gradientDepth === 0 && mode.training) view.block(0, 'bias').dispose();
        return loss;
      },
    }),
  ),
  violator(
    'causal',
    'sees the whole sequence',
    /with another token 1, the logits at position 0 change/,
    computing(mixing((at, other, time) => Math.floor(at / time) === Math.floor(other / time))),
  ),
  violator(
    'reads-tokens',
    'reads only the place of a token',
    /the logits at its position stay the same/,
    computing((shape, view, inputs, mode) => flatLogits(shape, view, tf.zerosLike(inputs), mode)),
  ),
  violator(
    'rows-independent',
    'averages over the rows of a batch',
    /beside others, a logit of row \d changes/,
    computing(mixing((at, other, time) => other % time <= at % time)),
  ),
  violator(
    'context-kept',
    'cuts what is too long without a word',
    /one token too many changes the logits before it/,
    computing((shape, view, inputs, mode) => {
      const [batch, time] = inputs.shape;
      const beyond = Math.max(0, time - shape.context);
      const cut = tf.slice(inputs, [0, beyond], [batch, time - beyond]);
      const logits = flatLogits(shape, view, cut, mode);
      return beyond === 0
        ? logits
        : tf.pad2d(logits, [
            [0, batch * beyond],
            [0, 0],
          ]);
    }),
  ),
  violator('no-read-back', 'looks whether a weight is zero', /read \d+ tensors? back/, ({ good }) => ({
    loss(view, inputs, labels, mode) {
      view.global('head').dataSync();
      return good.loss(view, inputs, labels, mode);
    },
  })),
  violator('no-math-random', 'rolls dice', /Math.random\(\)/, ({ good }) => ({
    logits(view, inputs, mode) {
      // eslint-disable-next-line no-restricted-properties -- the fault itself
      void Math.random();
      return good.logits(view, inputs, mode);
    },
  })),
  violator(
    'loss-consistent',
    'gives bits instead of nats',
    /loss is [\d.]+, and the logits have a mean cross-entropy/,
    ({ good }) => ({
      loss: (view, inputs, labels, mode) =>
        tf.tidy(() =>
          withGradient(good.loss(view, inputs, labels, mode), (x) => tf.div(x, Math.LN2), 1 / Math.LN2),
        ),
    }),
  ),
  violator(
    'gradients',
    'has half the gradient of a weight',
    /along a direction of "layers.0.weight"/,
    ({ good }) => ({
      loss: (view, inputs, labels, mode) =>
        tf.tidy(() => {
          const half = (tensor: Tensor): Tensor => withGradient(tensor, (x) => tf.add(x, 0), 0.5);
          const other = through(view, (layer, name) =>
            name === 'weight' ? half(view.block(layer, name)) : view.block(layer, name),
          );
          return good.loss(other, inputs, labels, mode);
        }),
    }),
  ),
  violator('gradients', 'uses a kernel without a gradient', /Cannot compute gradient/, ({ good }) => ({
    loss: (view, inputs, labels, mode) =>
      tf.tidy(() => tf.neg(tf.neg(good.loss(view, inputs, labels, mode)))),
  })),
  violator(
    'tying',
    'runs a block once, however many layers use it',
    /with layer 2 tied to layer 0 a logit is/,
    computing((shape, view, inputs, mode) => {
      const seen = new Set<Tensor>();
      const once = through(view, (layer, name) => {
        const tensor = view.block(layer, name);
        if (seen.has(tensor)) return tf.zerosLike(tensor);
        seen.add(tensor);
        return tensor;
      });
      return flatLogits(shape, once, inputs, mode);
    }),
  ),
  violator('dropout-seeded', 'ignores dropout', /the training loss is what it is without/, ({ shape }) => {
    const { logits, loss } = toyModel({ ...shape, dropout: 0 });
    return { logits, loss };
  }),
  violator(
    'dropout-seeded',
    'draws its masks from a seed of its own',
    /with equal seeds the loss is/,
    ({ good }) => {
      let drawn = 0;
      return {
        loss: (view, inputs, labels, mode) =>
          good.loss(
            view,
            inputs,
            labels,
            mode.dropoutSeed ? { ...mode, dropoutSeed: () => (drawn += 7) } : mode,
          ),
      };
    },
  ),
  violator('dropout-seeded', 'drops while it evaluates', /while evaluating/, ({ good }) => ({
    logits: (view, inputs) => good.logits(view, inputs, { training: true, dropoutSeed: () => 5 }),
  })),
  violator('tensors-released', 'leaves a mask behind', /logits left 1 tensor behind/, ({ good }) => ({
    logits(view, inputs, mode) {
      tf.ones([2]);
      return good.logits(view, inputs, mode);
    },
  })),
  violator('scores-consistent', 'counts no hits', /by its logits, 0 by scores/, ({ good }) => ({
    scores: (view, inputs, labels) =>
      tf.tidy(() => tf.mul(good.scores!(view, inputs, labels), tf.tensor2d([1, 0], [2, 1]))),
  })),
  violator(
    'decoder-consistent',
    'answers steps with nothing',
    /after \d+ tokens, \d of them at once, the logit/,
    decoding((good, shape) => ({
      step(token) {
        good.step(token).dispose();
        return tf.zeros([shape.vocabularySize]) as Tensor1D;
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
];

/** `value` of a tensor, with a gradient of its own: a factor. */
function withGradient<T extends Tensor>(tensor: T, value: (x: Tensor) => Tensor, factor: number): T {
  const custom = tf.customGrad((given) => ({
    value: value(given as Tensor),
    gradFunc: (dy: Tensor) => tf.mul(dy, factor),
  }));
  return custom(tensor) as T;
}
