/** Random crops and flips of training images, in the order of torchvision: before pixels are normalised. */
import type { RandomStream } from '@ligature/core';

export interface Augmentation {
  /** Black pixels that are put around an image before a part of its own size is taken; 0: no crop. */
  readonly crop: number;
  /** Whether half of the images are mirrored, left to right. */
  readonly flip: boolean;
}

/** Where an image is read: what is outside of it is black. */
export interface View {
  /** Of the first row and column, in pixels of the image; below 0 they are outside. */
  readonly top: number;
  readonly left: number;
  readonly mirrored: boolean;
}

export const AS_IT_IS: View = { top: 0, left: 0, mirrored: false };

/** The view of one image: draws its top, its left and whether it is mirrored, in this order, each only where it is asked for. */
export function drawView({ crop, flip }: Augmentation, stream: RandomStream): View {
  // The padded image is larger by two crops, so there are so many places and one.
  const offset = (): number => (crop === 0 ? 0 : stream.integer(0, 2 * crop + 1) - crop);
  const top = offset();
  const left = offset();
  return { top, left, mirrored: flip && stream.uniform() < 0.5 };
}
