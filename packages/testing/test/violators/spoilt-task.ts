/** A task to be spoilt, and the ways in which one is. */
import {
  defineTask,
  definePlugin,
  type Batch,
  type BatchSource,
  type Plugin,
  type Prepared,
  type PrepareContext,
  type RandomStream,
  type Task,
} from '@ligature/core';
import type { CheckTaskOptions } from '@ligature/testing';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { toyTask } from '../support/toy-task.js';
import type { EntryFault } from './entry-faults.js';
import { NAME, type Violator } from './violators.js';

export const fields = { near: z.number().positive().default(1).describe('what is near') };
const options = z.strictObject(fields);

type Change = (good: Task) => Partial<Task>;

export function taskPlugin(change: Change = () => ({}), meta: EntryFault['meta'] = {}): Plugin {
  return definePlugin({
    name: 'violator',
    version: '1.0.0',
    tasks: {
      [NAME]: defineTask({
        meta: { summary: 'Letters', options, ...meta },
        create() {
          const good = toyTask();
          return { ...good, ...change(good) };
        },
      }),
    },
  });
}

export const goodTask = taskPlugin();

type More = Pick<Violator<CheckTaskOptions>, 'also' | 'maybe' | 'only' | 'options'>;

export const violator = (
  rule: string,
  fault: string,
  found: RegExp,
  change: Change,
  more: More = {},
): Violator<CheckTaskOptions> => ({ rule, fault, found, plugin: taskPlugin(change), ...more });

/** The good one with other data. */
export const preparing =
  (
    change: (prepared: Prepared, context: PrepareContext) => Partial<Prepared> | Promise<Partial<Prepared>>,
  ): Change =>
  (good) => ({
    async prepare(context) {
      const prepared = await good.prepare(context);
      return { ...prepared, ...(await change(prepared, context)) };
    },
  });

/** With other training batches. */
export const drawing = (
  change: (source: BatchSource, stream: RandomStream) => Partial<BatchSource>,
): Change =>
  preparing((prepared) => ({
    batches(shape, stream) {
      const source = prepared.batches(shape, stream);
      return { ...source, ...change(source, stream) };
    },
  }));

/** With every batch changed, those of evaluation sets too. */
export const batching = (change: (batch: Batch) => Batch): Change =>
  preparing((prepared) => ({
    batches(shape, stream) {
      const source = prepared.batches(shape, stream);
      return { ...source, next: () => change(source.next()) };
    },
    evaluation(split, shape) {
      const { scope, batches } = prepared.evaluation(split, shape);
      const changed = batches.map(change);
      return {
        scope: { ...scope, weight: changed.reduce((sum, one) => sum + one.weight, 0) },
        batches: changed,
      };
    },
  }));

export const evaluating = (
  change: (set: ReturnType<Prepared['evaluation']>) => Partial<ReturnType<Prepared['evaluation']>>,
): Change =>
  preparing((prepared) => ({
    evaluation(split, shape) {
      const set = prepared.evaluation(split, shape);
      return { ...set, ...change(set) };
    },
  }));

export const scoring =
  (change: (score: Tensor2D, mask: tf.Tensor) => Tensor2D): Change =>
  (good) => ({
    score: (projection, batch) =>
      tf.tidy(() => change(good.score(projection, batch), tf.reshape(batch['mask']!, [-1]))),
  });

export const losing =
  (change: (loss: Scalar, fields: Readonly<Record<string, tf.Tensor>>) => Scalar): Change =>
  (good) => ({ loss: (projection, batch) => change(good.loss(projection, batch), batch) });
