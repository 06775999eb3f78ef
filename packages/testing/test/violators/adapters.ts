/** An adapter, and what can be wrong with one. */
import {
  defineAdapter,
  definePlugin,
  type AdaptedWeights,
  type Adapter,
  type ParameterSpec,
  type ParameterView,
  type Plugin,
} from '@ligature/core';
import type { CheckAdapterOptions } from '@ligature/testing';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { op, withFactor } from '../support/gradients.js';
import { entryFaults, type EntryFault } from './entry-faults.js';
import { NAME, type Violator } from './violators.js';

const fields = { scale: z.number().default(0.5).describe('factor on the shifts') };
const options = z.strictObject(fields);

const ownName = (name: string): string => `shift.${name}`;
const isTarget = ({ sharing }: ParameterSpec): boolean => sharing === 'block';

const shifted = (weight: Tensor, shift: Tensor, scale: number): Tensor =>
  op(
    [weight, shift],
    [],
    (w, s) => tf.add(w, tf.mul(s, scale)),
    (dy) => [tf.clone(dy), tf.mul(dy, scale)],
  );

/** Adds to every weight of a layer a shift that belongs to the layer. */
function wrapped(specs: readonly ParameterSpec[], scale: number): Required<AdaptedWeights> {
  const targets = new Set(specs.filter(isTarget).map(({ name }) => name));
  return {
    parameters: specs.flatMap((spec) => {
      const frozen = { ...spec, trainable: false };
      if (!isTarget(spec)) return [frozen];
      const { shape } = spec;
      const initializer = { kind: 'constant', value: 0 } as const;
      return [frozen, { name: ownName(spec.name), shape, initializer, sharing: 'position' as const }];
    }),
    view: (inner) => ({
      global: (name) => inner.global(name),
      block(layer, name) {
        const weight = inner.block(layer, name);
        return targets.has(name) ? shifted(weight, inner.block(layer, ownName(name)), scale) : weight;
      },
    }),
    cost: (cost) => ({ ...cost, layerActivationBytes: cost.layerActivationBytes + 8 }),
  };
}

interface Inside {
  readonly good: Required<AdaptedWeights>;
  readonly specs: readonly ParameterSpec[];
}
type Change = (inside: Inside) => Partial<AdaptedWeights>;

function adapterPlugin(
  change: (adapter: Adapter, scale: number) => Partial<Adapter>,
  meta: EntryFault['meta'] = {},
): Plugin {
  return definePlugin({
    name: 'violator',
    version: '1.0.0',
    adapters: {
      [NAME]: defineAdapter({
        meta: { summary: 'Shifts the weights of each layer', options, ...meta },
        create({ scale }: z.output<typeof options>) {
          const good: Adapter = { name: 'shift', wrap: (specs) => wrapped(specs, scale) };
          return { ...good, ...change(good, scale) };
        },
      }),
    },
  });
}

export const goodAdapter = adapterPlugin(() => ({}));

const violator = (
  rule: string,
  fault: string,
  found: RegExp,
  change: Change,
  more: Pick<Violator<CheckAdapterOptions>, 'also' | 'maybe'> = {},
): Violator<CheckAdapterOptions> => ({
  rule,
  fault,
  found,
  plugin: adapterPlugin((good) => ({
    wrap(specs) {
      const found = good.wrap(specs) as Required<AdaptedWeights>;
      return { ...found, ...change({ good: found, specs }) };
    },
  })),
  ...more,
});

/** The good one's view with other answers. */
const reading =
  (block: (view: ParameterView, layer: number, name: string, inner: ParameterView) => Tensor): Change =>
  ({ good }) => ({
    view(inner) {
      const view = good.view(inner);
      return {
        global: (name) => view.global(name),
        block: (layer, name) => block(view, layer, name, inner),
      };
    },
  });

export const adapterViolators: readonly Violator<CheckAdapterOptions>[] = [
  ...entryFaults(fields).map(({ meta, ...fault }) => ({
    ...fault,
    plugin: adapterPlugin(() => ({}), meta),
  })),
  {
    rule: 'creates',
    fault: 'cannot wrap',
    found: /no function wrap/,
    plugin: adapterPlugin(() => ({ wrap: undefined }) as never),
  },
  violator(
    'plays-through',
    'knows only its targets',
    /reading "layers.0.scale" threw Error: not mine/,
    reading((view, layer, name) => {
      if (name === 'scale') throw new Error('not mine');
      return view.block(layer, name);
    }),
  ),
  violator(
    'parameters',
    'leaves one out',
    /"embedding" is there 0 times/,
    ({ good }) => ({
      parameters: good.parameters.filter(({ name }) => name !== 'embedding'),
      view: (inner) => ({
        global: () => tf.zeros([7, 4]),
        block: (layer, name) => good.view(inner).block(layer, name),
      }),
    }),
    { also: ['cost'], maybe: ['starts-neutral'] },
  ),
  violator('parameters', 'lets a frozen one train', /"scale" was frozen and trains now/, ({ good }) => ({
    parameters: good.parameters.map((spec) => (spec.name === 'scale' ? { ...spec, trainable: true } : spec)),
  })),
  violator('parameters', 'calls two of its own alike', /two weights have the name/, ({ good }) => ({
    parameters: [...good.parameters, good.parameters.find(({ name }) => name.startsWith('shift.'))!],
  })),
  violator(
    'parameters',
    'freezes everything',
    /nothing is left that trains/,
    ({ good }) => ({
      parameters: good.parameters.map((spec) => ({ ...spec, trainable: false })),
    }),
    { maybe: ['gradients'] },
  ),
  violator('starts-neutral', 'begins with ones', /"layers.0.attn.weight", value 0 is/, ({ good }) => ({
    parameters: good.parameters.map((spec) =>
      spec.name.startsWith('shift.') ? { ...spec, initializer: { kind: 'constant', value: 1 } } : spec,
    ),
  })),
  violator(
    'shapes-kept',
    'gives matrices as lists',
    /"layers.0.attn.weight" is read as \[48\] float32/,
    reading((view, layer, name) => {
      const tensor = view.block(layer, name);
      return name === 'attn.weight' ? tf.reshape(tensor, [tensor.size]) : tensor;
    }),
    { maybe: ['gradients', 'tensors-released'] },
  ),
  violator(
    'reads-what-it-declares',
    'has a weight that nothing reads',
    /it never reads "layers.0.spare"/,
    ({ good }) => ({
      parameters: [
        ...good.parameters,
        { name: 'spare', shape: [2], initializer: { kind: 'constant', value: 0 }, sharing: 'position' },
      ],
    }),
    { also: ['positions-apart', 'gradients'] },
  ),
  violator(
    'reads-what-it-declares',
    'reads what it did not declare',
    /reads the parameter "gain" of layer 0/,
    reading((view, layer, name, inner) => {
      inner.block(layer, 'gain');
      return view.block(layer, name);
    }),
  ),
  violator(
    'gradients',
    'has half the gradient of its shifts',
    /along a direction of "layers.0.shift/,
    reading((view, layer, name) => {
      const tensor = view.block(layer, name);
      return withFactor(tensor, (x) => tf.add(x, 0), 0.5);
    }),
    { maybe: ['tensors-released'] },
  ),
  violator(
    'positions-apart',
    'takes the shifts of layer 0 for all',
    /"layers.0.shift.attn.weight" changes "layers.1.attn.weight"/,
    ({ good }) => ({
      view: (inner) =>
        good.view({
          global: (name) => inner.global(name),
          block: (layer, name) => inner.block(name.startsWith('shift.') ? 0 : layer, name),
        }),
    }),
    { also: ['reads-what-it-declares', 'gradients'] },
  ),
  {
    rule: 'pure',
    fault: 'goes by what it was given last',
    found: /read/,
    plugin: adapterPlugin((_, scale) => {
      let wraps = 0;
      return { wrap: (specs) => wrapped(specs, scale * (wraps += 1)) };
    }),
  },
  violator(
    'inputs-untouched',
    'freezes the specs themselves',
    /it changed the specs/,
    ({ specs }) => {
      for (const spec of specs) (spec as { decay: boolean }).decay = false;
      return {};
    },
    { maybe: ['parameters', 'pure'] },
  ),
  violator(
    'inputs-untouched',
    'disposes the weights that it has shifted',
    /the weight "layers.\d.norm.weight" is disposed/,
    reading((view, layer, name, inner) => {
      const tensor = view.block(layer, name);
      if (name === 'norm.weight' && layer === 2 && tf.engine().state.gradientDepth === 0)
        inner.block(layer, name).dispose();
      return tensor;
    }),
    { maybe: ['plays-through', 'shapes-kept', 'starts-neutral', 'gradients', 'positions-apart', 'pure'] },
  ),
  violator('cost', 'counts operations by names of its own', /it counts operations of "adapter"/, () => ({
    cost: (cost) => ({ ...cost, weightFlops: { ...cost.weightFlops, adapter: 12 } }),
  })),
  violator('cost', 'counts less than nothing', /layerActivationBytes is -/, () => ({
    cost: (cost) => ({ ...cost, layerActivationBytes: -1 }),
  })),
  violator(
    'no-read-back',
    'looks whether a shift is zero',
    /it read \d+ tensors back/,
    reading((view, layer, name, inner) => {
      if (name === 'attn.weight') inner.block(layer, ownName(name)).dataSync();
      return view.block(layer, name);
    }),
  ),
  violator(
    'no-math-random',
    'rolls dice',
    /Math.random\(\)/,
    reading((view, layer, name) => {
      // eslint-disable-next-line no-restricted-properties -- the fault itself
      void Math.random();
      return view.block(layer, name);
    }),
  ),
  violator(
    'tensors-released',
    'leaves a tensor behind',
    /\d+ tensors? (is|are) left/,
    reading((view, layer, name) => {
      tf.ones([2]);
      return view.block(layer, name);
    }),
  ),
];
