/** What can be wrong with a task. */
import type { Batch, RandomStream } from '@ligature/core';
import type { CheckTaskOptions } from '@ligature/testing';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { withFactor } from '../support/gradients.js';
import { rowSource } from '../support/toy-task.js';
import { entryFaults } from './entry-faults.js';
import { metricFaults } from './metric-faults.js';
import {
  fields,
  taskPlugin,
  violator,
  preparing,
  drawing,
  batching,
  evaluating,
  scoring,
  losing,
} from './spoilt-task.js';
import { ALONE, type Violator } from './violators.js';

export { goodTask } from './spoilt-task.js';

const counting = (batch: Batch): Batch => ({ ...batch, weight: batch.fields['labels']!.data.length });

/** Of a text that nobody gave. */
const CODES = Array.from('the quick brown fox jumps over the lazy dog '.repeat(20), (one) =>
  one.charCodeAt(0),
);

let made = 0;
const shared: { stream?: RandomStream } = {};

export const taskViolators: readonly Violator<CheckTaskOptions>[] = [
  ...entryFaults(fields).map(({ meta, ...fault }) => ({ ...fault, plugin: taskPlugin(undefined, meta) })),
  violator('creates', 'cannot be opened', /no function open/, () => ({ open: undefined }) as never),
  violator('creates', 'has no name for its loss', /its scores are \[\]/, () => ({ scores: [] })),
  violator('plays-through', 'stumbles over the text', /prepare was rejected with TypeError: boom/, () => ({
    prepare: () => Promise.reject(new TypeError('boom')),
  })),
  violator(
    'answers',
    'never comes back',
    /gave no answer/,
    () => ({ prepare: () => new Promise(() => undefined) }),
    { options: { timeoutSeconds: 0.2 }, only: ALONE },
  ),
  violator(
    'prepares',
    'asks for half an output',
    /prepare gave the head/,
    preparing(() => ({
      head: { kind: 'letters', outputs: 0.5 },
    })),
  ),
  violator(
    'prepares',
    'has no digest of a split',
    /prepare gave the digests/,
    preparing(({ digests }) => ({
      digests: { ...digests, test: '' },
    })),
  ),
  violator(
    'batches-form',
    'has labels that are no numbers',
    /the field "labels" of a training batch holds NaN/,
    drawing((source) => ({
      next() {
        const batch = source.next();
        batch.fields['labels']!.data[0] = Number.NaN;
        return batch;
      },
    })),
    { maybe: ['plays-through', 'score-form', 'loss-consistent', 'gradients', 'weight-honest'] },
  ),
  violator(
    'batches-form',
    'says other shapes',
    /of the shapes inputs.0 is 5/,
    drawing(({ shape }) => ({
      shape: { ...shape, inputs: [5, 8] },
    })),
  ),
  violator(
    'batches-form',
    'says that batches weigh far less',
    /batches weigh [\d.]+ on average/,
    drawing(({ weight }) => ({
      weight: weight / 10,
    })),
  ),
  violator(
    'deterministic',
    'depends on how many were made before it',
    /prepared twice: facts.made is/,
    preparing(({ facts }) => ({ facts: { ...facts, made: (made += 1) } })),
  ),
  violator(
    'deterministic',
    'draws for all sources from the newest stream',
    /batches beside another source/,
    preparing(() => ({
      batches(shape, stream) {
        shared.stream = stream;
        const newest: RandomStream = {
          name: stream.name,
          uniform: () => shared.stream!.uniform(),
          normal: (...given) => shared.stream!.normal(...given),
          shuffle: (items) => shared.stream!.shuffle(items),
          integer: (low, high) => shared.stream!.integer(low, high),
          snapshot: () => shared.stream!.snapshot(),
          restore: (state) => shared.stream!.restore(state),
        };
        return rowSource(CODES, shape, newest);
      },
    })),
    { maybe: ['resumes'] },
  ),
  violator(
    'resumes',
    'saves no state of its stream',
    /from batch \d+ on/,
    drawing(() => ({ snapshot: () => ({ batch: 3 }), restore: () => undefined })),
    { also: ['restore-refuses'] },
  ),
  violator(
    'restore-refuses',
    'takes any state',
    /took it without a word/,
    drawing((source) => ({
      restore(state) {
        try {
          source.restore(state);
        } catch {
          // Begins anew.
        }
      },
    })),
  ),
  violator(
    'evaluation-complete',
    'leaves the last batch out',
    /of (train|validation|test), weight is/,
    evaluating(({ scope, batches }) => {
      const full = batches.slice(0, -1);
      return { batches: full, scope: { ...scope, weight: full.reduce((sum, one) => sum + one.weight, 0) } };
    }),
  ),
  violator(
    'evaluation-complete',
    'says that a set weighs more',
    /its scope says/,
    evaluating(({ scope }) => ({
      scope: { ...scope, weight: scope.weight + 1 },
    })),
    { also: ['folds-cut-free'] },
  ),
  violator(
    'digests-change',
    'digests the training split alone',
    /with another validation split its digest stays/,
    preparing(({ digests }) => ({
      digests: { train: digests.train, validation: 'v', test: 't' },
    })),
  ),
  violator(
    'digests-change',
    'mixes the splits in its digests',
    /with another validation split the digest of train changes/,
    preparing(({ digests }) => {
      const all = Object.values(digests).join();
      return { digests: { train: all, validation: all, test: all } };
    }),
  ),
  violator(
    'saved-json',
    'saves a number that JSON has not',
    /-?Infinity/,
    preparing(() => ({
      saved: { middle: Infinity },
    })),
  ),
  violator('saved-opens', 'opens with another head', /opened: head.outputs is 1/, (good) => ({
    open: async (saved, context) => ({
      ...(await good.open(saved, context)),
      head: { kind: 'letters', outputs: 2 },
    }),
  })),
  violator('saved-refuses', 'opens anything', /took it without a word/, (good) => ({
    open: (_, context) => good.open({ middle: 109.5 }, context),
  })),
  violator(
    'score-form',
    'gives its rows as columns',
    /score gave \[\d+, 2\] float32/,
    scoring((score) => tf.transpose(score)),
    { maybe: ['tensors-released'] },
  ),
  violator(
    'weight-honest',
    'counts what is ignored',
    /targets have a loss, and the batch weighs/,
    batching(counting),
    {
      also: ['loss-consistent'],
    },
  ),
  violator(
    'weight-honest',
    'finds what is ignored near',
    /does not count, and its "near" is 1/,
    scoring((score, mask) =>
      tf.tidy(() => {
        const [loss, near] = tf.unstack(score);
        return tf.stack([loss!, tf.maximum(near!, tf.sub(1, mask))]) as Tensor2D;
      }),
    ),
  ),
  violator(
    'loss-consistent',
    'divides by all targets',
    /loss is [\d.]+, and its scores have a mean of/,
    losing((loss, { mask }) =>
      tf.tidy(() => {
        const share = tf.mean(mask!).dataSync()[0]!;
        return withFactor(loss, (x) => tf.mul(x, share), share);
      }),
    ),
    { also: ['no-read-back'] },
  ),
  violator(
    'gradients',
    'has half the gradient',
    /along a direction of the features/,
    losing((loss) => withFactor(loss, (x) => tf.add(x, 0), 0.5)),
    { maybe: ['tensors-released'] },
  ),
  violator(
    'gradients',
    'uses a kernel without a gradient',
    /Cannot compute gradient/,
    losing((loss) => tf.tidy(() => tf.neg(tf.neg(loss)))),
  ),
  violator(
    'inputs-untouched',
    'disposes the features',
    /it disposed "features"/,
    (good) => ({
      score(projection, batch) {
        const score = good.score(projection, batch);
        projection.features.dispose();
        return score;
      },
    }),
    { maybe: ['tensors-released'] },
  ),
  violator(
    'no-read-back',
    'looks whether anything counts',
    /it read 1 tensor back/,
    losing((loss, { mask }) => {
      mask!.dataSync();
      return loss;
    }),
  ),
  violator(
    'no-math-random',
    'rolls dice',
    /Math.random\(\)/,
    losing((loss) => {
      // eslint-disable-next-line no-restricted-properties -- the fault itself
      void Math.random();
      return loss;
    }),
  ),
  violator(
    'no-clock',
    'looks at the time',
    /Date.now\(\)/,
    preparing(() => {
      // eslint-disable-next-line no-restricted-properties -- the fault itself
      void Date.now();
      return {};
    }),
  ),
  violator(
    'tensors-released',
    'leaves a mask behind',
    /loss and score left 1 tensor behind/,
    losing((loss) => {
      tf.keep(tf.ones([2]));
      return loss;
    }),
  ),
  violator(
    'tensors-released',
    'keeps its data on the backend',
    /preparing left 1 tensor behind/,
    preparing(() => {
      tf.ones([2]);
      return {};
    }),
  ),
  ...metricFaults.map(({ rule, fault, found, metrics, ...more }) =>
    // Their folds read a column of this name.
    violator(rule, fault, found, () => ({ metrics, scores: ['nats', 'near'] }), more),
  ),
];
