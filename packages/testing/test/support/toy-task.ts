/** Tells for every letter how far it is from the middle of the alphabet; spaces and the like are not asked for. */
import {
  contentsOf,
  ContractError,
  type Batch,
  type BatchOptions,
  type BatchSource,
  type Dataset,
  type Prepared,
  type Projection,
  type RandomStream,
  type SplitName,
  type Task,
  type TensorBatch,
} from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { op } from './gradients.js';

const SPLITS: readonly SplitName[] = ['train', 'validation', 'test'];
const saved = z.strictObject({ middle: z.number() });

/** Codes of the text, cut into rows; the last one filled up with zeros, which do not count. */
export function batchOf(codes: readonly number[], starts: readonly number[], context: number): Batch {
  const inputs = starts.flatMap((start) =>
    Array.from({ length: context }, (_, at) => codes[start + at] ?? 0),
  );
  const mask = inputs.map((code) => Number(code >= 97 && code <= 122));
  const shape = [starts.length, context];
  const labels = inputs.map((code, at) => (mask[at] === 1 ? (code - 109.5) / 13 : 0));
  return {
    fields: {
      inputs: { shape, dtype: 'int32', data: Int32Array.from(inputs) },
      labels: { shape, dtype: 'float32', data: Float32Array.from(labels) },
      mask: { shape, dtype: 'float32', data: Float32Array.from(mask) },
    },
    weight: mask.reduce((sum, one) => sum + one, 0),
  };
}

const startsOf = (codes: readonly number[], context: number): number[] =>
  Array.from({ length: Math.ceil(codes.length / context) }, (_, row) => row * context);

/** Rows drawn one by one. */
export function rowSource(
  codes: readonly number[],
  { batch, context = 8 }: BatchOptions,
  stream: RandomStream,
): BatchSource {
  const starts = startsOf(codes, context).slice(0, -1);
  const all = batchOf(codes, starts, context);
  return {
    shape: { inputs: [batch, context], labels: [batch, context], mask: [batch, context] },
    weight: (all.weight / starts.length) * batch,
    next: () =>
      batchOf(
        codes,
        Array.from({ length: batch }, () => starts[stream.integer(0, starts.length)]!),
        context,
      ),
    snapshot: () => ({ stream: stream.snapshot() }),
    restore(state) {
      const parsed = z
        .strictObject({ stream: z.custom<never>((value) => value !== undefined) })
        .safeParse(state);
      if (!parsed.success) throw unfit('a source of batches');
      stream.restore(parsed.data.stream);
    },
  };
}

const unfit = (what: string): ContractError =>
  new ContractError('state-invalid', {
    asked: `Restore ${what}`,
    found: 'no state of it',
    todo: 'Check the file',
  });

export async function prepareToy(dataset: Dataset): Promise<Prepared> {
  const read = contentsOf(dataset, 'text', 'toy');
  const codes = {} as Record<SplitName, number[]>;
  for (const split of SPLITS) {
    const { text } = await read(split);
    codes[split] = Array.from(text, (letter) => letter.charCodeAt(0));
  }
  const digest = (split: SplitName): string =>
    String(codes[split].reduce((sum, code, at) => (sum * 31 + code + at) % 1e9, 7));
  return {
    head: { kind: 'letters', outputs: 1 },
    inputs: { vocabularySize: 256 },
    saved: { middle: 109.5 },
    facts: { letters: codes.train.length },
    digests: { train: digest('train'), validation: digest('validation'), test: digest('test') },
    batches: (shape, stream) => rowSource(codes.train, shape, stream),
    evaluation(split, { batch, context = 8, maxBatches = Infinity }) {
      const starts = startsOf(codes[split], context);
      const batches: Batch[] = [];
      for (let first = 0; first < starts.length && batches.length < maxBatches; first += batch)
        batches.push(batchOf(codes[split], starts.slice(first, first + batch), context));
      const weight = batches.reduce((sum, one) => sum + one.weight, 0);
      return { scope: { split, weight }, batches };
    },
  };
}

const flat = (batch: TensorBatch, name: string): Tensor2D =>
  tf.reshape(batch[name]!, [batch[name]!.size, 1]) as Tensor2D;

/** [targets, 1]: how far off each target is; 0 where it does not count. */
export const apart = ({ features, weight, bias }: Projection, batch: TensorBatch): Tensor2D => {
  const found = tf.matMul(features, weight, false, true);
  const off = tf.sub(bias ? tf.add(found, bias) : found, flat(batch, 'labels'));
  return tf.mul(off, flat(batch, 'mask')) as Tensor2D;
};

/** Half the mean square of what is off, with its gradient written out. */
export function toyLoss({ features, weight, bias }: Projection, batch: TensorBatch): Scalar {
  return tf.tidy(() => {
    const labels = flat(batch, 'labels');
    const mask = flat(batch, 'mask');
    const parts = [features, weight, bias ?? tf.zeros([1])];
    return op(
      parts,
      [labels, mask],
      (f, w, b) => {
        const off = tf.mul(tf.sub(tf.add(tf.matMul(f, w, false, true), b), labels), mask);
        return tf.div(tf.sum(tf.square(off)), tf.mul(tf.sum(mask), 2)) as Tensor2D;
      },
      (dy, [f, w, b, wanted, counted]) => {
        const off = tf.mul(tf.sub(tf.add(tf.matMul(f!, w!, false, true), b!), wanted!), counted!);
        const d = tf.mul(dy, tf.div(off, tf.sum(counted!))) as Tensor2D;
        return [tf.matMul(d, w!), tf.matMul(d, f!, true, false), tf.sum(d, 0)];
      },
    ) as unknown as Scalar;
  });
}

export const toyTask = (): Task => ({
  name: 'letters',
  unit: 'letter',
  lossUnit: 'squares',
  scores: ['square', 'near'],
  metrics: [
    {
      name: 'near',
      unit: '',
      better: 'higher',
      fold() {
        const sums = { near: 0, weight: 0 };
        return {
          add({ columns, weight }) {
            sums.near += columns['near']!.reduce((sum, one) => sum + one, 0);
            sums.weight += weight;
          },
          finish: () => sums.near / sums.weight,
        };
      },
    },
  ],
  prepare: ({ dataset }) => prepareToy(dataset!),
  open(given) {
    if (!saved.safeParse(given).success) return Promise.reject(unfit('the task'));
    return Promise.resolve({
      head: { kind: 'letters', outputs: 1 },
      inputs: { vocabularySize: 256 },
      saved: given,
    });
  },
  loss: toyLoss,
  score: (projection, batch) =>
    tf.tidy(() => {
      const off = tf.reshape(apart(projection, batch), [-1]);
      const near = tf.mul(tf.cast(tf.less(tf.abs(off), 1), 'float32'), tf.reshape(batch['mask']!, [-1]));
      return tf.stack([tf.div(tf.square(off), 2), near]) as Tensor2D;
    }),
});
