/** Batches for a model under check, whatever it reads: made by the author of the model, cut and mixed here. */
import { createRandomStream } from '@ligature/core';
import type { BatchShape, Field, ModelInputs, RandomStream, TensorBatch } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import { notApplicable } from '../harness/finding.js';

export type Fields = Readonly<Record<string, Field>>;

/** What a batch is asked for. */
export interface BatchRequest {
  readonly rows: number;
  /** Positions of a row; without a meaning for models whose rows have one size. */
  readonly time: number;
  readonly inputs: ModelInputs;
  /** All chance of the batch. */
  readonly random: RandomStream;
}

/** The first axis of every field counts rows; a second one that is as long as `time` counts positions. */
export type MakeBatch = (request: BatchRequest) => Fields;

/** Token ids, [rows, time], as the field `inputs`. */
export const tokenBatch: MakeBatch = ({ rows, time, inputs, random }) => {
  const { vocabularySize } = inputs;
  if (vocabularySize === undefined) {
    return notApplicable('without a vocabulary the check needs a function `batch` that makes its batches');
  }
  return {
    inputs: {
      shape: [rows, time],
      dtype: 'int32',
      data: Int32Array.from({ length: rows * time }, () => random.integer(0, vocabularySize)),
    },
  };
};

export const batchStream = (seed: number): RandomStream => createRandomStream(seed, 'batch');

/** The fields on the backend; they belong to the caller. */
export const onBackend = (fields: Fields): TensorBatch =>
  Object.fromEntries(
    Object.entries(fields).map(([name, { shape, dtype, data }]) => [
      name,
      tf.tensor(data, [...shape], dtype),
    ]),
  );

export const shapeOf = (fields: Fields): BatchShape =>
  Object.fromEntries(Object.entries(fields).map(([name, { shape }]) => [name, shape]));

/** One row of every field. */
export const rowOf = (fields: Fields, row: number): Fields =>
  mapped(fields, ({ shape: [rows = 1, ...rest], dtype, data }) => {
    const size = data.length / rows;
    return { shape: [1, ...rest], dtype, data: data.slice(row * size, (row + 1) * size) };
  });

/** The first `count` positions of every field that has as many positions as `time`. */
export const positionsOf = (fields: Fields, time: number, count: number): Fields =>
  mapped(fields, (field) => {
    const [rows = 1, length, ...rest] = field.shape;
    if (length !== time) return field;
    const size = rest.reduce((product, one) => product * one, 1);
    const kept = Array.from({ length: rows }, (_, row) => {
      const start = row * time * size;
      return Array.from(field.data.subarray(start, start + count * size));
    });
    const data = field.dtype === 'int32' ? Int32Array.from(kept.flat()) : Float32Array.from(kept.flat());
    return { shape: [rows, count, ...rest], dtype: field.dtype, data };
  });

/**
 * The fields with position `at` of every row taken from others of the same shapes.
 *
 * @returns nothing when that changes nothing
 */
export function changedAt(fields: Fields, others: Fields, time: number, at: number): Fields | undefined {
  let changed = false;
  const mixed = mapped(fields, (field, name) => {
    const [rows = 1, length, ...rest] = field.shape;
    if (length !== time) return field;
    const size = rest.reduce((product, one) => product * one, 1);
    const data = field.data.slice();
    for (let row = 0; row < rows; row += 1) {
      for (let place = (row * time + at) * size; place < (row * time + at + 1) * size; place += 1) {
        const value = others[name]!.data[place]!;
        changed ||= value !== data[place];
        data[place] = value;
      }
    }
    return { ...field, data };
  });
  return changed ? mixed : undefined;
}

/** Whether any field has positions to change. */
export const hasPositions = (fields: Fields, time: number): boolean =>
  Object.values(fields).some(({ shape }) => shape[1] === time);

const mapped = (fields: Fields, change: (field: Field, name: string) => Field): Fields =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, change(field, name)]));
