/** An optimizer, and what can be wrong with one. */
import {
  defineOptimizer,
  definePlugin,
  type Optimizer,
  type Plugin,
  type UpdateInput,
  type UpdateOutput,
} from '@ligature/core';
import type { CheckOptimizerOptions } from '@ligature/testing';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { entryFaults, type EntryFault } from './entry-faults.js';
import { NAME, type Violator } from './violators.js';

const fields = { keep: z.number().min(0).lt(1).default(0.5).describe('share of the running sum that stays') };
const options = z.strictObject(fields);

/** Descent with momentum. */
const heavy = (keep: number): Optimizer => ({
  name: 'heavy',
  slots: () => ['sum'],
  scalars: (learningRate) => ({ stepSize: learningRate }),
  update: ({ parameter, gradient, slots, scalars, shared }) =>
    tf.tidy(() => {
      const sum = tf.add(tf.mul(slots['sum']!, keep), tf.mul(gradient, shared['clip']!));
      return { parameter: tf.sub(parameter, tf.mul(sum, scalars['stepSize']!)), slots: { sum } };
    }),
});

type Change = (good: Optimizer) => Partial<Optimizer>;

function optimizerPlugin(change: Change = () => ({}), meta: EntryFault['meta'] = {}): Plugin {
  return definePlugin({
    name: 'violator',
    version: '1.0.0',
    optimizers: {
      [NAME]: defineOptimizer({
        meta: { summary: 'Descent with momentum', options, ...meta },
        create({ keep }: z.output<typeof options>) {
          const good = heavy(keep);
          return { ...good, ...change(good) };
        },
      }),
    },
  });
}

export const goodOptimizer = optimizerPlugin();

const violator = (
  rule: string,
  fault: string,
  found: RegExp,
  change: Change,
  more: Pick<Violator<CheckOptimizerOptions>, 'also' | 'maybe'> = {},
): Violator<CheckOptimizerOptions> => ({ rule, fault, found, plugin: optimizerPlugin(change), ...more });

/** The good one, with its result or what it is given changed. */
const updating =
  (change: (output: UpdateOutput, input: UpdateInput, count: number) => UpdateOutput): Change =>
  (good) => {
    let count = 0;
    return { update: (input) => change(good.update(input), input, (count += 1)) };
  };

/** Of a result, the parameter as another function of the step that was taken. */
const stepping = (step: (moved: Tensor, input: UpdateInput, count: number) => Tensor): Change =>
  updating((output, input, count) => {
    const parameter = tf.tidy(() =>
      tf.sub(input.parameter, step(tf.sub(input.parameter, output.parameter), input, count)),
    );
    output.parameter.dispose();
    return { ...output, parameter };
  });

export const optimizerViolators: readonly Violator<CheckOptimizerOptions>[] = [
  ...entryFaults(fields).map(({ meta, ...fault }) => ({
    ...fault,
    plugin: optimizerPlugin(undefined, meta),
  })),
  violator('creates', 'has no update', /no function update/, () => ({ update: undefined }) as never),
  violator(
    'plays-through',
    'divides by the size of the gradient',
    /"attn.weight" or its state holds NaN/,
    stepping((moved, { gradient }) => tf.div(moved, tf.div(tf.norm(gradient), tf.norm(gradient)))),
  ),
  violator(
    'update-form',
    'gives its slots as one number',
    /the slot "sum" of "attn.weight" is \[\] float32/,
    updating((output) => {
      tf.dispose({ ...output.slots });
      return { ...output, slots: { sum: tf.scalar(1) } };
    }),
  ),
  violator(
    'slots-fixed',
    'has slots from its first update on',
    /slots of "attn.weight"/,
    (good) => {
      let updated = false;
      return {
        slots: () => (updated ? ['sum', 'late'] : ['sum']),
        update(input) {
          updated = true;
          const output = good.update(input);
          const late = input.slots['late'];
          return late ? { ...output, slots: { ...output.slots, late: tf.clone(late) } } : output;
        },
      };
    },
    { maybe: ['pure', 'resumes'] },
  ),
  violator('slots-fixed', 'has two slots of one name', /slots of "attn.weight" are/, () => ({
    slots: () => ['sum', 'sum'],
  })),
  violator('scalars-finite', 'grows until it overflows', /for update 10000 of/, () => ({
    scalars: (learningRate, count) => ({ stepSize: learningRate, growth: 1.1 ** count }),
  })),
  violator('scalars-finite', 'has a scalar for its first update alone', /names of the scalars/, () => ({
    scalars: (learningRate, count) => ({ stepSize: learningRate, ...(count === 1 && { first: 1 }) }),
  })),
  violator(
    'pure',
    'counts its updates by itself',
    /trained twice/,
    stepping((moved, _, count) => tf.div(moved, count)),
    { also: ['resumes', 'clip-honoured'], maybe: ['descends'] },
  ),
  violator(
    'resumes',
    'keeps its running sum in a variable',
    /interrupted after \d updates/,
    (good) => {
      let first = 1;
      return {
        // The first update of a parameter begins anew, so that only an interruption shows it.
        scalars(learningRate, count) {
          first = count === 1 ? 1 : first * 0.5;
          return { stepSize: learningRate * first };
        },
        update: good.update,
      };
    },
    { maybe: ['descends', 'pure', 'clip-honoured'] },
  ),
  violator(
    'inputs-untouched',
    'disposes the gradient',
    /it disposed "gradient"/,
    updating((output, { gradient }) => {
      gradient.dispose();
      return output;
    }),
  ),
  violator(
    'inputs-untouched',
    'gives back a parameter that does not change',
    /it gave "parameter" back as it came/,
    updating((output, input) => {
      if (input.spec.decay !== false) return output;
      output.parameter.dispose();
      return { ...output, parameter: input.parameter };
    }),
    { also: ['descends'] },
  ),
  violator('clip-honoured', 'does not clip', /clipped by 0.25/, (good) => ({
    update: (input) => {
      const one = tf.scalar(1);
      const output = good.update({ ...input, shared: { clip: one } });
      one.dispose();
      return output;
    },
  })),
  violator(
    'rests-at-zero',
    'lets weights decay whatever the learning rate',
    /"attn.weight": /,
    stepping((moved, { parameter }) => tf.add(moved, tf.mul(parameter, 0.001))),
  ),
  violator(
    'descends',
    'climbs',
    /the squared distance was/,
    stepping((moved) => tf.neg(moved)),
  ),
  violator(
    'no-read-back',
    'looks whether the gradient is zero',
    /it read 1 tensor back/,
    updating((output, { gradient }) => {
      gradient.dataSync();
      return output;
    }),
  ),
  violator(
    'no-math-random',
    'rolls dice',
    /Math.random\(\)/,
    updating((output) => {
      // eslint-disable-next-line no-restricted-properties -- the fault itself
      void Math.random();
      return output;
    }),
  ),
  violator(
    'tensors-released',
    'leaves a scalar behind',
    /left \d tensors? behind/,
    updating((output) => {
      tf.scalar(1);
      return output;
    }),
  ),
];
