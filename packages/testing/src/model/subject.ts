import { createRandomStream, InputError } from '@ligature/core';
import type { Model, Mode, ParameterView, Plugin } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { assertFunctions } from '../entry/entry-rules.js';
import { Finding } from '../harness/finding.js';
import { show } from '../harness/show.js';
import { subjectOf, type CheckOptions, type Subject } from '../harness/subject.js';
import { WeightSet, type Values } from './weights.js';

export interface CheckModelOptions extends CheckOptions {
  /** Tokens in the vocabulary; 11 if left out. */
  readonly vocabularySize?: number;
}

/** What every run passes to a model, whatever its name: the fields of `model` in a configuration. */
export const RUN_SHAPE = {
  layers: 2,
  width: 8,
  heads: 2,
  context: 6,
  dropout: 0,
  activation: 'gelu_new',
} as const;

/** Ids as numbers, row by row. */
export interface Ids {
  readonly batch: number;
  readonly time: number;
  readonly inputs: Int32Array;
  readonly labels: Int32Array;
}

export const EVALUATING: Mode = { training: false };

export interface ModelSubject extends Subject<'models'> {
  readonly vocabularySize: number;
  /** Options as a run passes them: its shape below what was written. */
  runOptions(over?: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>;
  /** A fresh one. @throws Finding (of `options-run-shape`, `creates`) */
  make(over?: Readonly<Record<string, unknown>>): Promise<Model>;
  /** A model with weights, which are gone after `use`. */
  withWeights<T>(
    use: (model: Model, weights: WeightSet) => T | Promise<T>,
    setting?: {
      readonly over?: Readonly<Record<string, unknown>>;
      readonly values?: Values;
      readonly seed?: number;
    },
  ): Promise<T>;
  ids(model: Model, shape?: { readonly batch?: number; readonly time?: number; readonly seed?: number }): Ids;
  /** Logits as numbers, [batch * time * vocabulary]. @throws Finding (of `logits-form`) */
  logits(model: Model, view: ParameterView, ids: Ids, mode?: Mode): Float32Array;
  loss(model: Model, view: ParameterView, ids: Ids, mode?: Mode): number;
}

export function modelSubject(plugin: Plugin, name: string, options: CheckModelOptions = {}): ModelSubject {
  const subject = subjectOf('models', plugin, name, options);
  const { vocabularySize = 11 } = options;
  const { calls } = subject;

  const runOptions: ModelSubject['runOptions'] = (over = {}) => ({
    ...RUN_SHAPE,
    ...subject.options,
    ...over,
  });

  const make: ModelSubject['make'] = async (over) => {
    await assertBackend();
    const model = await subject.create({ vocabularySize }, calls, runShape(subject, runOptions(over)));
    assertFunctions(model, 'model', ['logits', 'loss', 'cost', 'blockParameterName']);
    if (!Array.isArray(model.parameters)) {
      throw new Finding(`its parameters are ${show(model.parameters)}`, 'creates');
    }
    assertSizes(model, { ...runOptions(over), vocabularySize });
    return model;
  };

  const withWeights: ModelSubject['withWeights'] = async (
    use,
    { over, values = 'spread', seed = 1 } = {},
  ) => {
    const model = await make(over);
    const weights = new WeightSet(model, seed, values);
    try {
      return await use(model, weights);
    } finally {
      weights.dispose();
    }
  };

  return {
    ...subject,
    vocabularySize,
    runOptions,
    make,
    withWeights,
    ids(model, { batch = 2, time = Math.min(5, model.context), seed = 1 } = {}) {
      const random = createRandomStream(seed, 'token ids');
      const draw = (): Int32Array =>
        Int32Array.from({ length: batch * time }, () => random.integer(0, vocabularySize));
      return { batch, time, inputs: draw(), labels: draw() };
    },
    logits(model, view, ids, mode = EVALUATING) {
      const logits = calls.now('logits', () => tf.tidy(() => model.logits(view, inputsOf(ids), mode)));
      try {
        assertLogits(logits, [ids.batch, ids.time, vocabularySize]);
        return logits.dataSync().slice() as Float32Array;
      } finally {
        if (logits instanceof tf.Tensor) logits.dispose();
      }
    },
    loss(model, view, ids, mode = EVALUATING) {
      const loss = calls.now('loss', () =>
        tf.tidy(() => model.loss(view, inputsOf(ids), labelsOf(ids), mode)),
      );
      const scalar = loss instanceof tf.Tensor && loss.size === 1 && loss.dtype === 'float32';
      const value = scalar ? loss.dataSync()[0]! : Number.NaN;
      if (loss instanceof tf.Tensor) loss.dispose();
      if (!Number.isFinite(value)) throw new Finding(`loss gave ${show(value)}`, 'loss-consistent');
      return value;
    },
  };
}

export const inputsOf = ({ inputs, batch, time }: Ids): Tensor2D =>
  tf.tensor2d(inputs, [batch, time], 'int32');
export const labelsOf = ({ labels, batch, time }: Ids): Tensor2D =>
  tf.tensor2d(labels, [batch, time], 'int32');

/** @throws Finding (of `options-run-shape`) */
function runShape(subject: Subject<'models'>, written: Readonly<Record<string, unknown>>): unknown {
  // Options that are wrong by themselves are the business of another rule.
  subject.parsed();
  try {
    return subject.parsed(written);
  } catch (error) {
    if (!(error instanceof Finding)) throw error;
    throw new Finding(`${error.found}, given ${show(written)}`, 'options-run-shape', { cause: error.cause });
  }
}

/** @throws Finding (of `sizes`) */
function assertSizes(model: Model, asked: Readonly<Record<string, unknown>>): void {
  for (const size of ['layers', 'context', 'vocabularySize'] as const) {
    if (model[size] === asked[size]) continue;
    throw new Finding(`${size} is ${show(model[size])}, asked for was ${show(asked[size])}`, 'sizes');
  }
}

/** @throws Finding (of `logits-form`) */
function assertLogits(logits: unknown, shape: readonly number[]): void {
  const refuse = (found: string): never => {
    throw new Finding(`logits gave ${found} where [${shape.join(', ')}] float32 belongs`, 'logits-form');
  };
  if (!(logits instanceof tf.Tensor)) return refuse(show(logits));
  const found = `[${logits.shape.join(', ')}] ${logits.dtype}`;
  if (found !== `[${shape.join(', ')}] float32`) refuse(found);
  const bad = logits.dataSync().find((value) => !Number.isFinite(value));
  if (bad !== undefined) refuse(`the value ${bad}`);
}

/** @throws InputError (`no-backend`) when tfjs has nothing to compute with */
async function assertBackend(): Promise<void> {
  try {
    await tf.ready();
    if (tf.getBackend()) return;
  } catch {
    // What tfjs throws says nothing of what to do.
  }
  throw new InputError('no-backend', {
    asked: 'Check a model',
    found: 'tfjs has no backend to compute with',
    todo: "Import one before the check: import '@tensorflow/tfjs-backend-cpu'",
  });
}
