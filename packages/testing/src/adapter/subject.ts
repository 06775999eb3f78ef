import type { AdaptedWeights, Adapter, ParameterSpec, ParameterView, Plugin } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { assertFunctions } from '../entry/entry-rules.js';
import type { Calls } from '../harness/calls.js';
import { Finding } from '../harness/finding.js';
import { Lent } from '../harness/lent.js';
import { show } from '../harness/show.js';
import { subjectOf, type CheckOptions, type Subject } from '../harness/subject.js';
import { assertBackend } from '../model/subject.js';
import { weightsOf, WeightSet, type Layers, type Values, type Weight } from '../model/weights.js';

export interface CheckAdapterOptions extends CheckOptions {
  /** Parameters of what it wraps; those of a small stack of three layers if left out. */
  readonly parameters?: readonly ParameterSpec[];
  /** `true`: it changes weights from its start on, such as one that rounds them. */
  readonly changesAtStart?: boolean;
}

export interface AdapterSubject extends Subject<'adapters'> {
  readonly specs: readonly ParameterSpec[];
  readonly changesAtStart: boolean;
  make(): Promise<Adapter>;
  /** @throws Finding (of `plays-through`, `parameters`) */
  wrap(adapter: Adapter, calls?: Calls): AdaptedWeights;
  /** Weights of everything that it declares, which are gone after `use`. */
  withWeights<T>(
    adapted: AdaptedWeights,
    use: (weights: WeightSet) => T,
    values?: Values,
    data?: readonly Float32Array[],
  ): T;
  /** What the wrapped model reads, by weight of the wrapped stack. */
  read(view: ParameterView, calls?: Calls): Map<string, Float32Array>;
  /** Weights of the wrapped stack. */
  readonly wrapped: readonly Weight[];
}

const normal = { kind: 'normal', standardDeviation: 0.2 } as const;
const ones = { kind: 'constant', value: 1 } as const;

/** A small GPT-2, in the names of nobody. */
export const SMALL_STACK: readonly ParameterSpec[] = [
  { name: 'embedding', shape: [7, 4], initializer: normal, sharing: 'global' },
  { name: 'attn.weight', shape: [4, 12], initializer: normal, sharing: 'block', component: 'attention' },
  { name: 'mlp.in.weight', shape: [4, 8], initializer: normal, sharing: 'block', component: 'mlp' },
  {
    name: 'mlp.out.weight',
    shape: [4, 8],
    rows: 'outputs',
    initializer: normal,
    sharing: 'block',
    component: 'mlp',
  },
  { name: 'norm.weight', shape: [4], initializer: ones, sharing: 'block', component: 'norms' },
  { name: 'scale', shape: [4], initializer: ones, sharing: 'position', trainable: false },
];

export const stackOf = (parameters: readonly ParameterSpec[]): Layers => ({
  layers: 3,
  parameters,
  blockParameterName: (layer, name) => `layers.${layer}.${name}`,
});

export function adapterSubject(
  plugin: Plugin,
  name: string,
  options: CheckAdapterOptions = {},
): AdapterSubject {
  const subject = subjectOf('adapters', plugin, name, options);
  const { parameters: specs = SMALL_STACK, changesAtStart = false } = options;
  const wrapped = weightsOf(stackOf(specs));
  return {
    ...subject,
    specs,
    changesAtStart,
    wrapped,
    async make() {
      await assertBackend('Check an adapter');
      const adapter = await subject.create({});
      assertFunctions(adapter, 'adapter', ['wrap']);
      if (typeof adapter.name !== 'string' || adapter.name === '')
        throw new Finding(`its name is ${show(adapter.name)}`, 'creates');
      return adapter;
    },
    wrap(adapter, calls = subject.calls) {
      const lent = new Lent('the specs', specs);
      const adapted = calls.now('wrap', () => adapter.wrap(lent.copy));
      lent.assertUntouched();
      const form = (adapted ?? {}) as Partial<AdaptedWeights>;
      if (!Array.isArray(form.parameters) || typeof form.view !== 'function')
        throw new Finding(`wrap gave ${show(adapted)}`, 'parameters');
      return adapted;
    },
    withWeights(adapted, use, values = 'initial', data) {
      const weights = new WeightSet(stackOf(adapted.parameters), 3, values, data);
      try {
        return use(weights);
      } finally {
        weights.dispose();
      }
    },
    read: (view, calls = subject.calls) =>
      new Map(
        wrapped.map((weight): [string, Float32Array] => {
          const found: Float32Array[] = [];
          tf.tidy(() => {
            const tensor = calls.now(`reading "${weight.name}"`, () => readWeight(view, weight));
            found.push(valuesOf(tensor, weight));
          });
          return [weight.name, found[0]!];
        }),
      ),
  };
}

export const readWeight = (view: ParameterView, { layer, spec }: Weight): Tensor =>
  layer === null ? view.global(spec.name) : view.block(layer, spec.name);

/** @throws Finding (of `shapes-kept`) */
function valuesOf(tensor: unknown, { name, spec }: Weight): Float32Array {
  const wanted = `[${spec.shape.join(', ')}] float32`;
  const found = tensor instanceof tf.Tensor ? `[${tensor.shape.join(', ')}] ${tensor.dtype}` : show(tensor);
  if (found !== wanted)
    throw new Finding(`"${name}" is read as ${found} where ${wanted} belongs`, 'shapes-kept');
  return (tensor as Tensor).dataSync().slice() as Float32Array;
}
