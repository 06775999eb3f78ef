/** Random tensors with the numbers that break kernels in them: NaN, infinities, halves, negative zeros. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { randomOf } from './random.js';

export type NumberType = 'float32' | 'int32' | 'bool';

export interface Sample {
  readonly shape: readonly number[];
  readonly dtype: NumberType;
  readonly values: readonly number[];
}

const SPECIAL = [NaN, Infinity, -Infinity, 0, -0, 1, -1, 0.5, 1.5, -2.5, 1e-6, -1e-6];

export interface Range {
  readonly min?: number;
  readonly max?: number;
  /** Share of special numbers among floats. */
  readonly special?: number;
}

function numbers(dtype: NumberType, count: number, seed: number, range: Range): number[] {
  const { min = -8, max = 8, special = 0.15 } = range;
  const random = randomOf(seed);
  return Array.from({ length: count }, () => {
    if (dtype === 'bool') return random() < 0.5 ? 0 : 1;
    const drawn = min + random() * (max - min);
    if (dtype === 'int32') return Math.round(drawn);
    if (random() < special) return SPECIAL[Math.floor(random() * SPECIAL.length)]!;
    return Math.fround(drawn);
  });
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, n) => size * n, 1);

/** Shapes of up to 4 axes; long last axes reach the vectorized loops of the engine. */
export const shapes = (minRank = 0, maxRank = 4): fc.Arbitrary<number[]> =>
  fc
    .tuple(
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: minRank, maxLength: maxRank }),
      fc.integer({ min: 1, max: 37 }),
    )
    .map(([shape, last]) => (shape.length === 0 ? [] : [...shape.slice(0, -1), last]));

export const sampleOf = (
  shape: readonly number[],
  dtype: NumberType,
  range: Range = {},
): fc.Arbitrary<Sample> =>
  fc.integer().map((seed) => ({ shape, dtype, values: numbers(dtype, sizeOf(shape), seed, range) }));

export const samples = (
  dtype: NumberType,
  range: Range = {},
  minRank = 0,
  maxRank = 4,
): fc.Arbitrary<Sample> => shapes(minRank, maxRank).chain((shape) => sampleOf(shape, dtype, range));

/** A shape that broadcasts to `shape`: some axes 1, some leading ones left out. */
export const partOf = (shape: readonly number[]): fc.Arbitrary<number[]> =>
  fc
    .tuple(
      fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }),
      fc.integer({ min: 0, max: shape.length }),
    )
    .map(([ones, from]) => shape.map((n, i) => (ones[i] ? 1 : n)).slice(from));

/** Operands of shapes that broadcast together. */
export const operands = (
  count: number,
  dtypes: readonly NumberType[],
  range: Range = {},
): fc.Arbitrary<Sample[]> =>
  fc
    .tuple(shapes(), fc.constantFrom(...dtypes))
    .chain(([shape, dtype]) =>
      fc.tuple(
        ...Array.from({ length: count }, () =>
          fc
            .oneof({ weight: 2, arbitrary: fc.constant([...shape]) }, { weight: 1, arbitrary: partOf(shape) })
            .chain((own) => sampleOf(own, dtype, range)),
        ),
      ),
    );

/** The sample as a tensor of the present backend. */
export function tensorOf({ shape, dtype, values }: Sample): tf.Tensor {
  const typed = dtype === 'float32' ? Float32Array.from(values) : Int32Array.from(values);
  return tf.tensor(dtype === 'bool' ? Uint8Array.from(values) : typed, [...shape], dtype);
}
