/** Every combination of values that can be counted: the grid search, and what a small random search draws from. */
import { InputError } from '@ligature/core';
import type { SweepDimension, SweepField } from './types.js';

/** More configurations than that are no table that anybody reads. */
export const MOST_CONFIGURATIONS = 10_000;

/** How many values a dimension has; infinity where they cannot be counted. */
export function valueCount(dimension: SweepDimension): number {
  if (dimension.kind === 'list') return dimension.values.length;
  const step = stepOf(dimension);
  // A share of a step is lost to rounding, as in 0.1 + 0.2.
  return step === null ? Infinity : Math.floor((dimension.high - dimension.low) / step + 1e-9) + 1;
}

/** The values of a dimension that can be counted, in ascending order or as they were listed. */
export function valueAt(dimension: SweepDimension, index: number): unknown {
  if (dimension.kind === 'list') return dimension.values[index];
  return tidy(dimension.low + index * (stepOf(dimension) as number));
}

function stepOf(dimension: SweepDimension): number | null {
  if (dimension.kind === 'list') return null;
  const { step, integer, scale } = dimension;
  // Whole numbers of a logarithmic range are not equally likely, so they are drawn and not counted.
  return step ?? (integer && scale === 'linear' ? 1 : null);
}

/** 0.30000000000000004 is 0.3 to anybody who wrote a step of 0.1. */
const tidy = (value: number): number => Number(value.toPrecision(12));

/** Number of combinations; infinity where one of the fields has any number of values. */
export function gridSize(fields: readonly SweepField[]): number {
  return fields.reduce((size, { dimension }) => size * valueCount(dimension), 1);
}

/** The combination at an index of the grid, one value per field; the last field changes fastest. */
export function gridPoint(fields: readonly SweepField[], index: number): unknown[] {
  const values: unknown[] = [];
  let rest = index;
  for (const { dimension } of [...fields].reverse()) {
    const count = valueCount(dimension);
    values.unshift(valueAt(dimension, rest % count));
    rest = Math.floor(rest / count);
  }
  return values;
}

/**
 * Every combination.
 *
 * @throws InputError (`sweep-uncountable`, `sweep-too-large`)
 */
export function gridOf(fields: readonly SweepField[]): unknown[][] {
  const endless = fields.find(({ dimension }) => !Number.isFinite(valueCount(dimension)));
  if (endless) {
    throw new InputError('sweep-uncountable', {
      asked: `Search a grid over ${endless.path}`,
      found: 'it is a range of any number of values',
      todo: 'List its values, give the range a step (0.1..0.5:0.1), or use --search random',
    });
  }
  const size = gridSize(fields);
  if (size > MOST_CONFIGURATIONS) {
    throw new InputError('sweep-too-large', {
      asked: `Search a grid over ${fields.map(({ path }) => path).join(', ')}`,
      found: `it has ${size} configurations, more than ${MOST_CONFIGURATIONS}`,
      todo: 'List fewer values, or use --search random with --samples',
    });
  }
  return Array.from({ length: size }, (_, index) => gridPoint(fields, index));
}
