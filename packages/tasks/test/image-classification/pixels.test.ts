/** Normalisation, crops and flips against NumPy: `reference.py` says how `reference.json` was made. */
import { readFileSync } from 'node:fs';
import { createRandomStream } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { AS_IT_IS, drawView, type View } from '../../src/image-classification/augmentation.js';
import { normalizationOf, normalizedValues } from '../../src/image-classification/normalization.js';
import { pixelValues } from '../../src/image-classification/pixels.js';
import { smallImages } from './small-images.js';

interface Reference {
  readonly mean: readonly number[];
  readonly standardDeviation: readonly number[];
  readonly views: readonly (View & { readonly image: number; readonly values: readonly number[] })[];
}

const reference = JSON.parse(readFileSync(new URL('reference.json', import.meta.url), 'utf8')) as Reference;
const images = smallImages(4);
const measured = { mean: null, standardDeviation: null };

describe('normalisation', () => {
  it('is measured as NumPy measures it', () => {
    const { mean, standardDeviation } = normalizationOf(measured, images);
    for (const channel of [0, 1]) {
      expect(mean[channel]).toBeCloseTo(reference.mean[channel] as number, 14);
      expect(standardDeviation[channel]).toBeCloseTo(reference.standardDeviation[channel] as number, 14);
    }
  });

  it('is what is given, where something is', () => {
    const { mean, standardDeviation } = normalizationOf({ ...measured, mean: [0.5, 0.25] }, images);
    expect(mean).toEqual([0.5, 0.25]);
    expect(standardDeviation[0]).toBeCloseTo(reference.standardDeviation[0] as number, 14);
    const [first] = normalizedValues({ mean: [0.5], standardDeviation: [0.25] });
    expect([first![0], first![255]]).toEqual([-2, 2]);
    expect(() => normalizationOf({ ...measured, standardDeviation: [1] }, images)).toThrow(
      /2 channels.*1 number/,
    );
  });

  it('leaves a channel without contrast at 0', () => {
    const black = { ...images, pixels: new Uint8Array(images.pixels.length).fill(9) };
    const values = normalizedValues(normalizationOf(measured, black));
    expect(values[0]![9]).toBeCloseTo(0, 12);
    expect(values[0]![255]).toBeCloseTo(246 / 255, 6);
  });
});

describe('pixels', () => {
  const values = normalizedValues(normalizationOf(measured, images));

  it.each(reference.views)('of image $image from ($top, $left), mirrored: $mirrored', (view) => {
    const found = pixelValues(images, Int32Array.of(view.image), values, () => view);
    expect(found).toHaveLength(32);
    found.forEach((value, at) => expect(value).toBeCloseTo(view.values[at] as number, 5));
  });

  it('of several images lie behind one another, each seen in its own way', () => {
    const views = [reference.views[2]!, AS_IT_IS];
    let asked = 0;
    const found = pixelValues(images, Int32Array.of(2, 0), values, () => views[asked++] as View);
    expect(found[0]).toBeCloseTo(reference.views[2]!.values[0] as number, 5);
    expect(found[32]).toBeCloseTo(reference.views[0]!.values[0] as number, 5);
    expect(asked).toBe(2);
  });
});

describe('views', () => {
  it('are every place that a crop has, and mirrored half of the time', () => {
    const stream = createRandomStream(3, 'data-order');
    const drawn = Array.from({ length: 2000 }, () => drawView({ crop: 2, flip: true }, stream));
    for (const side of ['top', 'left'] as const) {
      const counts = [-2, -1, 0, 1, 2].map((place) => drawn.filter((view) => view[side] === place).length);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(2000);
      // 400 expected; five standard deviations are 89.
      for (const count of counts) expect(Math.abs(count - 400)).toBeLessThan(89);
    }
    // 1000 expected; five standard deviations are 112.
    expect(Math.abs(drawn.filter(({ mirrored }) => mirrored).length - 1000)).toBeLessThan(112);
  });

  it('draw nothing where nothing is asked for', () => {
    const stream = createRandomStream(3, 'data-order');
    const before = stream.snapshot();
    expect(drawView({ crop: 0, flip: false }, stream)).toEqual(AS_IT_IS);
    expect(stream.snapshot()).toEqual(before);
  });
});
