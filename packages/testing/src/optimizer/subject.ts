import type { Optimizer, ParameterSpec, Plugin, Slots, UpdateOutput } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { assertFunctions } from '../entry/entry-rules.js';
import type { Calls } from '../harness/calls.js';
import { Finding } from '../harness/finding.js';
import { show } from '../harness/show.js';
import { subjectOf, type CheckOptions, type Subject } from '../harness/subject.js';
import { assertBackend } from '../model/subject.js';

export interface CheckOptimizerOptions extends CheckOptions {
  /** With which it must get down a bowl in 200 updates; 0.02 if left out. */
  readonly learningRate?: number;
}

/** Where a parameter stands: all that an update may depend on beside the gradient. */
export interface Place {
  readonly parameter: Float32Array;
  readonly slots: Readonly<Record<string, Float32Array>>;
}

export interface Update extends Place {
  readonly spec: ParameterSpec;
  readonly gradient: Float32Array;
  readonly count: number;
  readonly learningRate?: number;
  readonly clip?: number;
}

/** What is handed to one update, on the backend. */
export interface Handed {
  readonly parameter: Tensor;
  readonly gradient: Tensor;
  readonly slots: Slots;
  readonly scalars: Readonly<Record<string, Scalar>>;
  readonly shared: Readonly<Record<string, Scalar>>;
}

export interface OptimizerSubject extends Subject<'optimizers'> {
  readonly learningRate: number;
  make(): Promise<Optimizer>;
  /** Slots of zeros, by the names that it gives. @throws Finding (of `slots-fixed`) */
  fresh(optimizer: Optimizer, spec: ParameterSpec): Place['slots'];
  /** @param look sees what goes in and what comes out, before both are disposed. @throws Finding (of `update-form`) */
  update(
    optimizer: Optimizer,
    given: Update,
    look?: (handed: Handed, output: UpdateOutput) => void,
    calls?: Calls,
  ): Place;
}

const initializer = { kind: 'normal', standardDeviation: 1 } as const;

/** One of every kind: a matrix of a block, one of a layer with rows of outputs, what must not decay, vectors, a global table. */
export const SPECS: readonly ParameterSpec[] = [
  { name: 'attn.weight', shape: [4, 3], initializer, sharing: 'block', component: 'attention' },
  { name: 'mlp.weight', shape: [3, 5], initializer, sharing: 'position', rows: 'outputs' },
  { name: 'norm.weight', shape: [5], initializer, sharing: 'block', component: 'norms', decay: false },
  { name: 'table', shape: [6, 2], initializer, sharing: 'global' },
  { name: 'bias', shape: [1], initializer, sharing: 'global' },
];

export const sizeOf = ({ shape }: ParameterSpec): number =>
  shape.reduce((product, length) => product * length, 1);

export function optimizerSubject(
  plugin: Plugin,
  name: string,
  options: CheckOptimizerOptions = {},
): OptimizerSubject {
  const subject = subjectOf('optimizers', plugin, name, options);
  const { learningRate = 0.02 } = options;

  const fresh: OptimizerSubject['fresh'] = (optimizer, spec) => {
    const names: unknown = subject.calls.now('slots', () => optimizer.slots(spec));
    const good =
      Array.isArray(names) &&
      names.every((one) => typeof one === 'string' && one !== '') &&
      new Set(names).size === names.length;
    if (!good) throw new Finding(`the slots of "${spec.name}" are ${show(names)}`, 'slots-fixed');
    return Object.fromEntries(names.map((one) => [one as string, new Float32Array(sizeOf(spec))]));
  };

  return {
    ...subject,
    learningRate,
    async make() {
      await assertBackend('Check an optimizer');
      const optimizer = await subject.create({});
      assertFunctions(optimizer, 'optimizer', ['slots', 'scalars', 'update']);
      if (typeof optimizer.name !== 'string' || optimizer.name === '')
        throw new Finding(`its name is ${show(optimizer.name)}`, 'creates');
      return optimizer;
    },
    fresh,
    update(optimizer, given, look, calls = subject.calls) {
      const handed = handedTo(optimizer, given, learningRate, calls);
      let output: UpdateOutput | undefined;
      try {
        output = calls.now(`update of "${given.spec.name}"`, () =>
          optimizer.update({ ...handed, spec: given.spec }),
        );
        assertOutput(given, output);
        const { parameter, slots } = output;
        const place = { parameter: valuesOf(parameter), slots: mapped(slots, valuesOf) };
        look?.(handed, output);
        return place;
      } finally {
        if (output) tf.dispose([output.parameter, { ...output.slots }]);
        tf.dispose([handed.parameter, handed.gradient]);
        tf.dispose([{ ...handed.slots }, { ...handed.scalars }, { ...handed.shared }]);
      }
    },
  };
}

function handedTo(optimizer: Optimizer, given: Update, usual: number, calls: Calls): Handed {
  const { spec, count, clip = 1, learningRate = usual } = given;
  const tensorOf = (data: Float32Array): Tensor => tf.tensor(data, [...spec.shape], 'float32');
  const scalars = calls.now('scalars', () => optimizer.scalars(learningRate, count, spec));
  const factor = tf.scalar(clip);
  const numbers = optimizer.common ? calls.now('common', () => optimizer.common!(learningRate)) : {};
  const common = mapped(numbers, (value) => tf.scalar(value));
  const shared = optimizer.shared
    ? calls.now('shared', () => optimizer.shared!(factor, common))
    : { clip: factor, ...common };
  // What `shared` passes on as it is belongs to what it gives.
  const passed = new Set<Tensor>(Object.values(shared));
  for (const one of [factor, ...Object.values(common)]) if (!passed.has(one)) one.dispose();
  return {
    parameter: tensorOf(given.parameter),
    gradient: tensorOf(given.gradient),
    slots: mapped(given.slots, tensorOf),
    scalars: mapped(scalars, (value) => tf.scalar(value)),
    shared,
  };
}

/** @throws Finding (of `update-form`) */
function assertOutput({ spec, slots }: Update, output: UpdateOutput): void {
  const wanted = `[${spec.shape.join(', ')}] float32`;
  const parts: [string, unknown][] = [
    ['parameter', (output as Partial<UpdateOutput> | undefined)?.parameter],
    ...Object.keys(slots).map((name): [string, unknown] => [`slot "${name}"`, output?.slots?.[name]]),
  ];
  for (const [what, tensor] of parts) {
    const found = tensor instanceof tf.Tensor ? `[${tensor.shape.join(', ')}] ${tensor.dtype}` : show(tensor);
    if (found !== wanted)
      throw new Finding(`the ${what} of "${spec.name}" is ${found} where ${wanted} belongs`, 'update-form');
  }
  const more = Object.keys(output.slots).find((name) => !(name in slots));
  if (more !== undefined)
    throw new Finding(`of "${spec.name}" came a slot "${more}" that did not go in`, 'update-form');
}

const valuesOf = (tensor: Tensor): Float32Array => tensor.dataSync().slice() as Float32Array;

const mapped = <A, B>(record: Readonly<Record<string, A>>, of: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, of(value)]));
