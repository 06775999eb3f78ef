/** Pixels as a model reads them: from 0..255 to 0..1, less the mean of their channel, over its standard deviation. */
import { InputError } from '@ligature/core';
import type { LabelledImages } from '@ligature/core';

export interface Normalization {
  /** Of each channel, of values between 0 and 1. */
  readonly mean: readonly number[];
  readonly standardDeviation: readonly number[];
}

export interface NormalizationOptions {
  /** `null`: as measured. */
  readonly mean: readonly number[] | null;
  readonly standardDeviation: readonly number[] | null;
}

/**
 * What is given, and of the training images what is not.
 *
 * @throws InputError (`normalization-does-not-fit`) for another number of channels
 */
export function normalizationOf(options: NormalizationOptions, images: LabelledImages): Normalization {
  const { channels } = images;
  for (const name of ['mean', 'standardDeviation'] as const) {
    const given = options[name];
    if (given === null || given.length === channels) continue;
    throw new InputError('normalization-does-not-fit', {
      asked: `Normalise images of ${channels} ${channels === 1 ? 'channel' : 'channels'}`,
      found: `\`${name}\` has ${given.length} ${given.length === 1 ? 'number' : 'numbers'}`,
      todo: `Give one for each channel, or null for what is measured`,
    });
  }
  const { mean, standardDeviation } = options;
  if (mean && standardDeviation) return { mean, standardDeviation };
  const measured = measure(images);
  return {
    mean: mean ?? measured.mean,
    standardDeviation: standardDeviation ?? measured.standardDeviation,
  };
}

/**
 * Mean and standard deviation (of the population) of each channel. There are 256 values only, so they are counted first:
 * sums are then of few terms, in 64 bits.
 */
function measure({ pixels, channels, height, width }: LabelledImages): Normalization {
  const area = height * width;
  const counts = Array.from({ length: channels }, () => new Float64Array(256));
  for (let start = 0, plane = 0; start < pixels.length; start += area, plane += 1) {
    const count = counts[plane % channels] as Float64Array;
    for (let at = start; at < start + area; at += 1) (count[pixels[at] as number] as number) += 1;
  }
  const all = pixels.length / channels;
  const expected = (count: Float64Array, of: (value: number) => number): number =>
    count.reduce((sum, times, value) => sum + times * of(value / 255), 0) / all;
  const mean = counts.map((count) => expected(count, (value) => value));
  const standardDeviation = counts.map((count, channel) => {
    const middle = mean[channel] as number;
    // A channel without contrast is 0 whatever it is divided by.
    return Math.sqrt(expected(count, (value) => (value - middle) ** 2)) || 1;
  });
  return { mean, standardDeviation };
}

/** What each of the 256 values becomes, by channel: each is worked out once, in 64 bits. */
export const normalizedValues = ({ mean, standardDeviation }: Normalization): readonly Float32Array[] =>
  mean.map((middle, channel) =>
    Float32Array.from(
      { length: 256 },
      (_, value) => (value / 255 - middle) / (standardDeviation[channel] as number),
    ),
  );
