import { InputError } from '@ligature/core';
import type {
  Head,
  HeadKind,
  Mode,
  Model,
  ModelInputs,
  ParameterView,
  Plugin,
  Projection,
  States,
  TensorBatch,
} from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import { assertFunctions } from '../entry/entry-rules.js';
import { Finding } from '../harness/finding.js';
import { show } from '../harness/show.js';
import { subjectOf, type CheckOptions, type Subject } from '../harness/subject.js';
import { batchStream, onBackend, tokenBatch, type Fields, type MakeBatch } from './batches.js';
import { assertProjection, assertStates } from './form.js';
import { WeightSet, type Layers, type Values } from './weights.js';

export interface CheckModelOptions extends CheckOptions {
  /** What the data says to the model; `{ vocabularySize: 11 }` if left out. */
  readonly inputs?: ModelInputs;
  /** Makes batches that the model reads; token ids in the field `inputs` if left out. */
  readonly batch?: MakeBatch;
  /** Outputs to ask each head for, by kind; as many as the vocabulary has for language models, 3 for others. */
  readonly heads?: Readonly<Partial<Record<HeadKind, number>>>;
  /** Options that make a stack of so many layers; `{ layers }` if left out. */
  readonly depth?: (layers: number) => Readonly<Record<string, unknown>>;
  /** Options with which training draws random numbers; `{ dropout: 0.5 }` if left out. */
  readonly noise?: Readonly<Record<string, unknown>>;
}

export const EVALUATING: Mode = { training: false };
export const TRAINING: Mode = { training: true };

/** A model and one of its heads, with weights for both. */
export interface Whole {
  readonly model: Model;
  readonly kind: HeadKind;
  readonly head: Head;
  readonly weights: WeightSet;
}

/** What a head makes of a batch, as numbers. */
export interface Outputs {
  /** [targets, outputs] */
  readonly values: Float64Array;
  readonly targets: number;
}

export interface ModelSubject extends Subject<'models'> {
  readonly inputs: ModelInputs;
  readonly noise: Readonly<Record<string, unknown>>;
  readonly written: Readonly<Record<string, unknown>>;
  /** A fresh one. @throws Finding (of `sizes`, `creates`) */
  make(setting?: Setting): Promise<Model>;
  /** Outputs to ask a head for. */
  outputsFor(kind: HeadKind): number;
  /** @throws Finding (of `heads`) */
  headOf(model: Model, kind: HeadKind): Head;
  /** A model with weights of its own, which are gone after `use`. */
  withModel<T>(use: (model: Model, weights: WeightSet) => T | Promise<T>, setting?: Setting): Promise<T>;
  /** A model with each of its heads in turn, or with those of one kind. */
  withHeads(use: (whole: Whole) => void | Promise<void>, setting?: Setting): Promise<void>;
  /** Positions to ask batches for, where there is no reason for another number. */
  timeOf(model: Model): number;
  fields(shape: { readonly rows?: number; readonly time: number; readonly seed?: number }): Fields;
  /** States as numbers. @throws Finding (of `states-form`) */
  states(model: Model, view: ParameterView, fields: Fields, mode?: Mode): States & { values: Float32Array };
  /** @throws Finding (of `projection-form`) */
  outputs(whole: Whole, view: ParameterView, fields: Fields, mode?: Mode): Outputs;
}

export interface Setting {
  readonly layers?: number;
  readonly over?: Readonly<Record<string, unknown>>;
  readonly values?: Values;
  readonly seed?: number;
}

const LANGUAGE: readonly HeadKind[] = ['causal-lm', 'masked-lm'];
/** Positions of a model without a longest sequence. */
const FREE = 6;

export function modelSubject(plugin: Plugin, name: string, options: CheckModelOptions = {}): ModelSubject {
  const subject = subjectOf('models', plugin, name, options);
  const {
    inputs = { vocabularySize: 11 },
    batch = tokenBatch,
    heads: asked = {},
    depth = (layers) => ({ layers }),
    noise = { dropout: 0.5 },
  } = options;
  const { calls } = subject;

  const make: ModelSubject['make'] = async ({ layers = 2, over = {} } = {}) => {
    await assertBackend();
    const model = await subject.create(
      { inputs },
      calls,
      deep(subject, { ...subject.options, ...depth(layers), ...over }),
    );
    assertFunctions(model, 'model', ['encode', 'cost', 'blockParameterName']);
    if (!Array.isArray(model.parameters))
      throw new Finding(`its parameters are ${show(model.parameters)}`, 'creates');
    if (typeof model.heads !== 'object' || model.heads === null)
      throw new Finding(`its heads are ${show(model.heads)}`, 'creates');
    assertSizes(model, layers);
    return model;
  };

  const outputsFor: ModelSubject['outputsFor'] = (kind) =>
    asked[kind] ?? (LANGUAGE.includes(kind) ? (inputs['vocabularySize'] ?? 3) : 3);

  const headOf: ModelSubject['headOf'] = (model, kind) => {
    const head = calls.now(`the head ${kind}`, () => model.heads[kind]!(outputsFor(kind)), 'heads');
    if (typeof head?.project === 'function' && Array.isArray(head.parameters)) return head;
    throw new Finding(`the head ${kind} is ${show(head)}`, 'heads');
  };

  const withModel: ModelSubject['withModel'] = async (use, setting = {}) => {
    const model = await make(setting);
    return withWeights(model, setting, (weights) => use(model, weights));
  };

  const withHeads: ModelSubject['withHeads'] = async (use, setting = {}) => {
    const model = await make(setting);
    for (const kind of Object.keys(model.heads)) {
      const head = headOf(model, kind);
      const stack: Layers = {
        layers: model.layers,
        parameters: [...model.parameters, ...head.parameters],
        blockParameterName: (layer, parameter) => model.blockParameterName(layer, parameter),
      };
      await withWeights(stack, setting, (weights) => use({ model, kind, head, weights }));
    }
  };

  const onFields = <T>(fields: Fields, use: (tensors: TensorBatch) => T): T => {
    const tensors = onBackend(fields);
    try {
      return use(tensors);
    } finally {
      tf.dispose(tensors);
    }
  };

  return {
    ...subject,
    inputs,
    noise,
    written: { ...subject.options, ...depth(2) },
    make,
    outputsFor,
    headOf,
    withModel,
    withHeads,
    timeOf: ({ context = FREE }) => Math.min(FREE, context),
    fields: ({ rows = 2, time, seed = 1 }) => batch({ rows, time, inputs, random: batchStream(seed) }),
    states: (model, view, fields, mode = EVALUATING) =>
      onFields(fields, (tensors) => {
        const states = calls.now('encode', () => tf.tidy(() => model.encode(view, tensors, mode) as never));
        try {
          const form = assertStates(model, states, rowsOf(fields));
          return { ...form, values: form.rows.dataSync().slice() as Float32Array };
        } finally {
          tf.dispose(states as tf.TensorContainer);
        }
      }),
    outputs: ({ model, kind, head }, view, fields, mode = EVALUATING) =>
      onFields(fields, (tensors) => {
        const made: Outputs[] = [];
        tf.tidy(() => {
          const states = calls.now('encode', () => model.encode(view, tensors, mode));
          assertStates(model, states, rowsOf(fields));
          const found = calls.now(`project of the head ${kind}`, () =>
            head.project(view, states, tensors, mode),
          );
          assertProjection(kind, head, found, states);
          made.push(multiplied(found));
        });
        return made[0]!;
      }),
  };
}

async function withWeights<T>(
  stack: Layers,
  { values = 'spread', seed = 1 }: Setting,
  use: (weights: WeightSet) => T | Promise<T>,
): Promise<T> {
  const weights = new WeightSet(stack, seed, values);
  try {
    return await use(weights);
  } finally {
    weights.dispose();
  }
}

const rowsOf = (fields: Fields): number => Object.values(fields)[0]?.shape[0] ?? 0;

/** features weightᵀ + bias, in 64 bits: a rounding of its own would be felt in differences. */
function multiplied({ features, weight, bias }: Projection): Outputs {
  const [targets, width] = features.shape;
  const outputs = weight.shape[0];
  const [left, right, added] = [features.dataSync(), weight.dataSync(), bias?.dataSync()];
  const values = new Float64Array(targets * outputs);
  for (let target = 0; target < targets; target += 1) {
    for (let output = 0; output < outputs; output += 1) {
      let sum = added?.[output] ?? 0;
      for (let at = 0; at < width; at += 1) sum += left[target * width + at]! * right[output * width + at]!;
      values[target * outputs + output] = sum;
    }
  }
  return { values, targets };
}

/** @throws Finding (of `sizes`) */
function assertSizes({ name, layers, width, context, stochastic }: Model, asked: number): void {
  const refuse = (found: string): never => {
    throw new Finding(found, 'sizes');
  };
  const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) > 0;
  if (layers !== asked) refuse(`it has ${show(layers)} layers, asked for were ${asked}`);
  if (typeof name !== 'string' || name === '') refuse(`its name is ${show(name)}`);
  if (!isCount(width)) refuse(`its width is ${show(width)}`);
  if (context !== undefined && !isCount(context)) refuse(`its context is ${show(context)}`);
  if (typeof stochastic !== 'boolean') refuse(`stochastic is ${show(stochastic)}`);
}

/** @throws Finding (of `sizes`) */
function deep(subject: Subject<'models'>, written: Readonly<Record<string, unknown>>): unknown {
  // Options that are wrong by themselves are the business of another rule.
  subject.parsed();
  try {
    return subject.parsed(written);
  } catch (error) {
    if (!(error instanceof Finding)) throw error;
    throw new Finding(`${error.found}, given ${show(written)}`, 'sizes', { cause: error.cause });
  }
}

/** @throws InputError (`no-backend`) when tfjs has nothing to compute with */
export async function assertBackend(asked = 'Check a model'): Promise<void> {
  try {
    await tf.ready();
    if (tf.getBackend()) return;
  } catch {
    // What tfjs throws says nothing of what to do.
  }
  throw new InputError('no-backend', {
    asked,
    found: 'tfjs has no backend to compute with',
    todo: "Import one before the check: import '@tensorflow/tfjs-backend-cpu'",
  });
}
