/** Images as the numbers that a model reads. The bytes of a split stay as they are; floats exist for one batch at a time. */
import type { LabelledImages } from '@ligature/core';
import type { View } from './augmentation.js';

/**
 * @param rows numbers of the images
 * @param values of {@link normalizedValues}
 * @param viewOf how a row of the batch is seen; asked once for each, in their order
 * @returns [rows, channels, height, width]
 */
export function pixelValues(
  { pixels, channels, height, width }: LabelledImages,
  rows: Int32Array,
  values: readonly Float32Array[],
  viewOf: () => View,
): Float32Array {
  const area = height * width;
  const size = channels * area;
  const found = new Float32Array(rows.length * size);
  rows.forEach((image, row) => {
    const view = viewOf();
    for (let channel = 0; channel < channels; channel += 1) {
      const from = image * size + channel * area;
      const to = row * size + channel * area;
      copyPlane(
        { plane: pixels.subarray(from, from + area), height, width },
        { plane: found.subarray(to, to + area), values: values[channel] as Float32Array },
        view,
      );
    }
  });
  return found;
}

interface Source {
  readonly plane: Uint8Array;
  readonly height: number;
  readonly width: number;
}

interface Target {
  readonly plane: Float32Array;
  readonly values: Float32Array;
}

function copyPlane({ plane, height, width }: Source, target: Target, { top, left, mirrored }: View): void {
  const { values } = target;
  const black = values[0] as number;
  for (let y = 0; y < height; y += 1) {
    const row = y + top;
    const isInside = row >= 0 && row < height;
    for (let x = 0; x < width; x += 1) {
      const column = (mirrored ? width - 1 - x : x) + left;
      const isPixel = isInside && column >= 0 && column < width;
      target.plane[y * width + x] = isPixel
        ? (values[plane[row * width + column] as number] as number)
        : black;
    }
  }
}
