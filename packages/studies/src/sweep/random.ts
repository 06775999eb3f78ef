/**
 * Random search (Bergstra and Bengio 2012, JMLR 13, 281–305). The same seed draws the same list, and more samples go on
 * with it: the list for 40 begins with the list for 20, so that a finished sweep can be extended.
 */
import { createRandomStream, type RandomStream } from '@ligature/core';
import { gridPoint, gridSize, MOST_CONFIGURATIONS, valueAt, valueCount } from './grid.js';
import type { SweepDimension, SweepField, SweepRange } from './types.js';

/**
 * Distinct combinations, one value per field; fewer than `samples` where there are no more.
 *
 * @param seed of the streams `sweep/…`
 */
export function randomSample(fields: readonly SweepField[], samples: number, seed: number): unknown[][] {
  const size = gridSize(fields);
  return size <= MOST_CONFIGURATIONS
    ? withoutReplacement(fields, size, seed).slice(0, samples)
    : distinctDraws(fields, samples, seed);
}

/** A small space is shuffled: drawing until the last combination has come up would take long. */
function withoutReplacement(fields: readonly SweepField[], size: number, seed: number): unknown[][] {
  const indices = Array.from({ length: size }, (_, index) => index);
  return createRandomStream(seed, 'sweep/order')
    .shuffle(indices)
    .map((index) => gridPoint(fields, index));
}

function distinctDraws(fields: readonly SweepField[], samples: number, seed: number): unknown[][] {
  // A stream for each field: another field, or other ends of one, leave the others' values as they were.
  const sources = fields.map(({ path, dimension }) => ({
    dimension,
    stream: createRandomStream(seed, `sweep/${path}`),
  }));
  const drawn = new Map<string, unknown[]>();
  // Ranges that are narrow beside their digits run out of values.
  for (let attempt = 0; drawn.size < samples && attempt < 100 * samples; attempt += 1) {
    const values = sources.map(({ dimension, stream }) => drawValue(dimension, stream));
    const key = JSON.stringify(values);
    if (!drawn.has(key)) drawn.set(key, values);
  }
  return [...drawn.values()];
}

/** One value of a dimension; a number of a range has as many digits as tell ten thousand of them apart. */
export function drawValue(dimension: SweepDimension, stream: RandomStream): unknown {
  const count = valueCount(dimension);
  if (Number.isFinite(count)) return valueAt(dimension, stream.integer(0, count));
  const range = dimension as SweepRange;
  const { low, high, integer } = range;
  // Half a number more at both ends gives the smallest and the largest integer their whole share.
  const value = integer ? Math.round(between(range, 0.5, stream)) : rounded(range, between(range, 0, stream));
  return Math.min(high, Math.max(low, value));
}

function between({ low, high, scale }: SweepRange, margin: number, stream: RandomStream): number {
  const [from, to] = [low - margin, high + margin];
  const share = stream.uniform();
  return scale === 'log' ? from * (to / from) ** share : from + share * (to - from);
}

function rounded({ low, high, scale }: SweepRange, value: number): number {
  if (scale === 'log') return Number(value.toPrecision(4));
  const digits = Math.max(0, 4 - Math.floor(Math.log10(high - low)));
  return Number(value.toFixed(Math.min(100, digits)));
}
