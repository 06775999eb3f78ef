/** The images that validate: cut from those to train on, evenly over them, and always the same. */
import { spreadOver, type LabelledImages } from '@ligature/core';
import { z } from 'zod';
import { imageError, wordsOf } from './errors.js';

export const heldOutSchema = z
  .number()
  .min(0.001)
  .max(0.5)
  .default(0.1)
  .describe('Share of the images to train on that is held out for validation');

/** Of so many, at least one and not all. */
export const heldOutCount = (share: number, count: number): number => Math.max(1, Math.round(share * count));

/** @throws InputError (`dataset-too-short`) */
export function holdOut(
  images: LabelledImages,
  share: number,
  where: string,
): { readonly train: LabelledImages; readonly validation: LabelledImages } {
  const count = images.labels.length;
  if (count < 2)
    imageError(
      'dataset-too-short',
      where,
      `there is ${wordsOf(count, 'image')} to train on`,
      'Use more images',
    );
  const held = new Set(spreadOver(heldOutCount(share, count), count));
  const take = (isHeld: boolean): LabelledImages =>
    imagesAt(
      images,
      Array.from(images.labels.keys()).filter((at) => held.has(at) === isHeld),
    );
  return { train: take(false), validation: take(true) };
}

/** Some images of a split whose border is then Ligature's. */
function imagesAt(images: LabelledImages, places: readonly number[]): LabelledImages {
  const size = images.channels * images.height * images.width;
  const pixels = new Uint8Array(places.length * size);
  places.forEach((place, at) =>
    pixels.set(images.pixels.subarray(place * size, (place + 1) * size), at * size),
  );
  const labels = Int32Array.from(places, (place) => images.labels[place] as number);
  return { ...images, pixels, labels, origin: 'derived' };
}
